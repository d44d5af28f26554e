package io.espalier.contracts.job;

/** The Temporal task queues. Each training worker serves {@link #DATA} and the training queue of its accelerator. */
public final class TaskQueues {
    /** Workflows, and the activities that record outcomes; served by the control plane. */
    public static final String CONTROL_PLANE = "espalier-control-plane";
    /** Inspecting, splitting, exporting and evaluating: minutes at most, several at a time. */
    public static final String DATA = "espalier-data";

    private TaskQueues() {}

    /** Trainings, one at a time a worker. */
    public static String training(Accelerator accelerator) {
        return switch (accelerator) {
            case CPU -> "espalier-training-cpu";
            case CUDA -> "espalier-training-cuda";
        };
    }
}
