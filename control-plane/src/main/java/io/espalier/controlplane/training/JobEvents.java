package io.espalier.controlplane.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.ProgressReport;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What happened to jobs, in order. Events are rows, so every replica of the control plane, and the one after a restart,
 * tells the same story with the same ids.
 */
@Service
public class JobEvents {
    private static final int BATCH = 500;

    private final JobEventRepository events;
    private final JsonMapper json;

    JobEvents(JobEventRepository events, JsonMapper json) {
        this.events = events;
        this.json = json;
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record StateChange(
            Instant at, JobState state, @Nullable String reason) {}

    /** In the transaction that holds the job's lock. */
    void stateChanged(TrainingJob job, Instant at) {
        String payload = json.writeValueAsString(new StateChange(at, job.state(), job.reason()));
        events.append(job.ref(), new JobEvent(job.nextEvent(), JobEvent.Type.STATE, payload), at);
        if (job.state().isFinal()) {
            events.forgetProgress(job.ref(), Long.MAX_VALUE);
        }
    }

    /** In the transaction that holds the job's lock. */
    void progressed(TrainingJob job, ProgressReport report, Instant at) {
        ObjectNode payload = json.createObjectNode().put("at", at.toString());
        payload.setAll((ObjectNode) json.valueToTree(report));
        events.append(
                job.ref(), new JobEvent(job.nextEvent(), JobEvent.Type.PROGRESS, json.writeValueAsString(payload)), at);
    }

    /** @return what happened after an event, oldest first; not all of it at once, if there is much */
    @Transactional(readOnly = true)
    public List<JobEvent> after(JobRef job, long sequence) {
        return events.after(job, sequence, BATCH);
    }
}
