package io.espalier.training.program;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.training.task.Examples.HostTensor;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Parameter.Group;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A program with its weights and its optimizer's state in native memory. For one thread at a time; closing gives all memory
 * back. The program's methods are {@code step}, {@code logits} and, where it has a table, {@code settle}.
 */
public final class Network implements AutoCloseable {
    /** The groups of a program's {@code weights}, in its order. */
    private static final List<Group> GROUPS =
            List.of(Group.BODY_WEIGHTS, Group.BODY_VECTORS, Group.HEAD_WEIGHTS, Group.HEAD_VECTORS);

    private static final String SEEN = "seen";

    private final NDManager manager;
    private final Map<Program, TorchScript> scripts = new HashMap<>();
    private TorchScript script;
    private final List<Slot> slots = new ArrayList<>();
    /** Number of the last step that each row of the table has seen, float [rows]; empty where there is no table. */
    private final List<PtNDArray> seen = new ArrayList<>();

    /**
     * One tensor of the model.
     *
     * @param weight what gradients are taken of
     * @param value the same memory without gradients, for the optimizer to write to
     * @param first and second: moments
     */
    private record Slot(
            String name, Group group, PtNDArray weight, PtNDArray value, PtNDArray first, PtNDArray second) {
        void close() {
            List.of(weight, value, first, second).forEach(PtNDArray::close);
        }
    }

    private Network(NDManager manager, Program program) throws IOException {
        this.manager = manager;
        this.script = TorchScript.load(program, manager);
        scripts.put(program, script);
    }

    /**
     * What a step found out.
     *
     * @param loss mean over the batch
     * @param gradientNorm before clipping
     */
    public record StepResult(float loss, float gradientNorm) {}

    /** Loads the program and copies the initial weights to the device. */
    public static Network load(Program program, List<Parameter> parameters, Device device) throws IOException {
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device);
        try {
            Network network = new Network(manager, program);
            parameters.forEach(network::add);
            return network;
        } catch (IOException | RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Goes on with another program over the same weights and moments; going back to one that was used before is free. */
    public void use(Program program) throws IOException {
        TorchScript known = scripts.get(program);
        if (known == null) {
            known = TorchScript.load(program, manager);
            scripts.put(program, known);
        }
        script = known;
    }

    /** Puts the network into the state that {@link #load} left it in; the program stays. */
    public void reset(List<Parameter> parameters) {
        slots.forEach(Slot::close);
        slots.clear();
        seen.forEach(PtNDArray::close);
        seen.clear();
        parameters.forEach(this::add);
    }

    private void add(Parameter parameter) {
        Shape shape = new Shape(parameter.initial().shape());
        if (parameter.group() == Group.TABLE) {
            seen.add((PtNDArray) manager.zeros(new Shape(shape.get(0))));
        }
        slots.add(slot(
                parameter.name(),
                parameter.group(),
                copy(parameter.initial()),
                (PtNDArray) manager.zeros(shape),
                (PtNDArray) manager.zeros(shape)));
    }

    private static Slot slot(String name, Group group, PtNDArray weight, PtNDArray first, PtNDArray second) {
        if (group == Group.TABLE || group == Group.BUFFERS) {
            return new Slot(name, group, weight, weight, first, second);
        }
        weight.setRequiresGradient(true);
        return new Slot(name, group, weight, (PtNDArray) weight.stopGradient(), first, second);
    }

    /**
     * Into memory that libtorch allocates: it is aligned, so that sums come out the same in every process, where a Java
     * buffer's is as it happens to be.
     */
    private PtNDArray copy(Tensor tensor) {
        try (NDArray borrowed = manager.create(FloatBuffer.wrap(tensor.values()), new Shape(tensor.shape()))) {
            return (PtNDArray) borrowed.duplicate();
        }
    }

    /**
     * Forward, backward, clipping and the optimizer's update.
     *
     * @param seed of all random numbers of this step
     * @param number of the step, from 1
     * @param rate and headRate: learning rates of this step
     */
    public StepResult step(List<HostTensor> batch, long seed, int number, double rate, double headRate) {
        JniUtils.setSeed(seed);
        try (NDManager scope = manager.newSubManager()) {
            float[] result = script.call(
                            "step",
                            true,
                            scope,
                            arrays(batch, scope),
                            IValue.listFrom(arrays(Group.TABLE, Slot::value)),
                            IValue.listFrom(tableState()),
                            IValue.listFrom(arrays(Group.BUFFERS, Slot::value)),
                            groups(Slot::weight),
                            groups(Slot::value),
                            groups(Slot::first),
                            groups(Slot::second),
                            IValue.from(number),
                            IValue.from(rate),
                            IValue.from(headRate))
                    .toFloatArray();
            return new StepResult(result[0], result[1]);
        }
    }

    /** @return one row an example, one number a label */
    public float[][] logits(List<HostTensor> batch) {
        try (NDManager scope = manager.newSubManager()) {
            PtNDArray logits = script.call(
                    "logits",
                    false,
                    scope,
                    arrays(batch, scope),
                    IValue.listFrom(arrays(Group.TABLE, Slot::value)),
                    IValue.listFrom(arrays(Group.BUFFERS, Slot::value)),
                    groups(Slot::value));
            int labels = (int) logits.getShape().get(1);
            float[] flat = logits.toFloatArray();
            float[][] rows = new float[flat.length / labels][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(flat, i * labels, (i + 1) * labels);
            }
            return rows;
        }
    }

    /**
     * Brings rows of the table up to date that no batch has needed for some steps; to be called before the weights are used
     * for anything but the next step.
     *
     * @param number of the last step
     */
    public void settle(int number, double rate) {
        if (seen.isEmpty()) {
            return;
        }
        try (NDManager scope = manager.newSubManager()) {
            script.call(
                    "settle",
                    false,
                    scope,
                    IValue.listFrom(arrays(Group.TABLE, Slot::value)),
                    IValue.listFrom(tableState()),
                    IValue.from(number),
                    IValue.from(rate));
        }
    }

    /** A copy of the weights, by name. */
    public Map<String, Tensor> weights() {
        return copies(Slot::value);
    }

    public Map<String, Tensor> firstMoments() {
        return copies(Slot::first);
    }

    public Map<String, Tensor> secondMoments() {
        return copies(Slot::second);
    }

    /** The last step that each row of the table has seen; empty where there is no table. */
    public Map<String, Tensor> rowsSeen() {
        return seen.isEmpty() ? Map.of() : Map.of(SEEN, tensor(seen.getFirst()));
    }

    /** Takes everything over that {@link #weights} and the methods after it gave. */
    public void restore(
            Map<String, Tensor> weights,
            Map<String, Tensor> firstMoments,
            Map<String, Tensor> secondMoments,
            Map<String, Tensor> rowsSeen) {
        // New tensors: DJL's ways to write to one give it other memory, which its alias without gradients would not
        // share.
        slots.replaceAll(slot -> {
            slot.close();
            return slot(
                    slot.name,
                    slot.group,
                    copy(Weights.named(weights, slot.name)),
                    copy(Weights.named(firstMoments, slot.name)),
                    copy(Weights.named(secondMoments, slot.name)));
        });
        seen.replaceAll(rows -> {
            rows.close();
            return copy(Weights.named(rowsSeen, SEEN));
        });
    }

    @Override
    public void close() {
        scripts.values().forEach(TorchScript::close);
        manager.close();
    }

    private Map<String, Tensor> copies(Function<Slot, PtNDArray> part) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        slots.forEach(slot -> tensors.put(slot.name, tensor(part.apply(slot))));
        return tensors;
    }

    private static Tensor tensor(PtNDArray array) {
        return new Tensor(array.getShape().getShape(), array.toFloatArray());
    }

    private PtNDArray[] arrays(Group group, Function<Slot, PtNDArray> part) {
        return slots.stream().filter(slot -> slot.group == group).map(part).toArray(PtNDArray[]::new);
    }

    private PtNDArray[] tableState() {
        List<PtNDArray> state = new ArrayList<>();
        state.addAll(List.of(arrays(Group.TABLE, Slot::first)));
        state.addAll(List.of(arrays(Group.TABLE, Slot::second)));
        state.addAll(seen);
        return state.toArray(PtNDArray[]::new);
    }

    private IValue groups(Function<Slot, PtNDArray> part) {
        IValue[] groups = GROUPS.stream()
                .map(group -> IValue.listFrom(arrays(group, part)))
                .toArray(IValue[]::new);
        try {
            return IValue.listFrom(groups);
        } finally {
            for (IValue group : groups) {
                group.close();
            }
        }
    }

    private static IValue arrays(List<HostTensor> batch, NDManager scope) {
        PtNDArray[] arrays = new PtNDArray[batch.size()];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = (PtNDArray)
                    switch (batch.get(i)) {
                        case HostTensor.Longs longs -> scope.create(longs.values(), new Shape(longs.shape()));
                        case HostTensor.Floats floats -> scope.create(floats.values(), new Shape(floats.shape()));
                    };
        }
        return IValue.listFrom(arrays);
    }
}
