package io.espalier.controlplane.training.web;

import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.training.JobEvent;
import io.espalier.controlplane.training.JobEvents;
import io.espalier.controlplane.training.TrainingJobs;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * The events of a job as server-sent events (WHATWG HTML, section 9.2). A stream is a request that stays on its virtual
 * thread and looks for new rows every second: it does not matter which replica of the control plane the worker reports
 * to. A look is one query, because it takes its time from trainings on the same machine.
 */
@RestController
class JobEventController {
    private static final Logger log = LoggerFactory.getLogger(JobEventController.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    /** Keeps proxies from closing the stream, and notices a listener that is gone. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private final TrainingJobs jobs;
    private final JobEvents events;
    private volatile boolean stopping;

    JobEventController(TrainingJobs jobs, JobEvents events) {
        this.jobs = jobs;
        this.events = events;
    }

    /** Listeners come back to the next process with the last id they saw. */
    @EventListener(ContextClosedEvent.class)
    void stop() {
        stopping = true;
    }

    @ApiResponse(
            responseCode = "200",
            description = "Events state and progress; the stream ends after the job's final state",
            content = @Content(mediaType = MediaType.TEXT_EVENT_STREAM_VALUE, schema = @Schema(type = "string")))
    @GetMapping(path = "/api/training-jobs/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    void followTrainingJob(
            @PathVariable UUID id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
            HttpServletResponse response)
            throws InterruptedException {
        UUID tenant = TenantContext.required();
        JobRef job = new JobRef(tenant, jobs.get(tenant, id).id());
        long last = sequence(lastEventId);
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
        try {
            follow(job, last, response.getWriter(), response);
        } catch (IOException e) {
            log.debug("A listener of job {} is gone: {}", id, e.toString());
        }
    }

    private void follow(JobRef job, long seen, Writer out, HttpServletResponse response)
            throws IOException, InterruptedException {
        response.flushBuffer();
        long last = seen;
        Instant written = Instant.now();
        // Always asked before the events: that of the final state is committed together with it.
        boolean ended = jobs.hasEnded(job);
        while (!stopping) {
            List<JobEvent> news = events.after(job, last);
            for (JobEvent event : news) {
                out.write("id: %d\nevent: %s\ndata: %s\n\n"
                        .formatted(event.sequence(), event.type().word(), event.payload()));
                last = event.sequence();
            }
            if (news.isEmpty() && ended) {
                return;
            }
            if (news.isEmpty() && written.plus(HEARTBEAT).isAfter(Instant.now())) {
                Thread.sleep(POLL);
                continue;
            }
            if (news.isEmpty()) {
                out.write(": still here\n\n");
            }
            // With the heartbeat too: a job can be deleted, and then has no last event.
            if (news.isEmpty() || news.stream().anyMatch(event -> event.type() == JobEvent.Type.STATE)) {
                ended = jobs.hasEnded(job);
            }
            response.flushBuffer();
            written = Instant.now();
        }
    }

    private static long sequence(@Nullable String lastEventId) {
        try {
            return lastEventId == null || lastEventId.isBlank() ? 0 : Long.parseLong(lastEventId.strip());
        } catch (NumberFormatException e) {
            throw ProblemException.invalidField("Last-Event-ID", "must be the id of an event of this job");
        }
    }
}
