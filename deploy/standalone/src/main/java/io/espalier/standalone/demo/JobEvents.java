package io.espalier.standalone.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Follows a job's server-sent events (WHATWG HTML, section 9.2) until the job is over. A broken stream is opened again from
 * the last event seen, so no event is missed or told twice.
 */
final class JobEvents {
    private static final int PAUSE_MILLIS = 500;

    private final ApiClient api;
    private final String jobPath;
    private @Nullable String lastEventId;

    JobEvents(ApiClient api, String jobPath) {
        this.api = api;
        this.jobPath = jobPath;
    }

    /** @return the job in its final state */
    JsonNode follow(Consumer<JsonNode> listener) throws InterruptedException {
        while (true) {
            try (var stream = api.events(jobPath + "/events", lastEventId);
                    var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                read(lines, listener);
            } catch (IOException _) {
                // The control plane or the gateway is being restarted; the job goes on meanwhile.
            }
            JsonNode job = api.get(jobPath);
            if (isFinal(job.path("state").asString(""))) {
                return job;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private void read(BufferedReader lines, Consumer<JsonNode> listener) throws IOException {
        StringBuilder data = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    JsonNode event = api.json().readTree(data.toString());
                    listener.accept(event);
                    if (isFinal(event.path("state").asString(""))) {
                        return;
                    }
                    data.setLength(0);
                }
            } else if (line.startsWith("data:")) {
                data.append(value(line));
            } else if (line.startsWith("id:")) {
                lastEventId = value(line);
            }
        }
    }

    private static String value(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }

    private static boolean isFinal(String state) {
        return switch (state) {
            case "SUCCEEDED", "FAILED", "CANCELLED" -> true;
            default -> false;
        };
    }
}
