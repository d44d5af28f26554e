package io.espalier.standalone.demo;

import io.espalier.standalone.console.Console;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Shows a job's events: one line rewritten in place on a terminal; elsewhere a line an epoch, and every few seconds. */
final class TrainingProgress {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);
    private static final int BAR_WIDTH = 24;

    private final Console console;
    private String state = "";
    private int epoch;
    private long lastLineNanos;

    TrainingProgress(Console console) {
        this.console = console;
    }

    void accept(JsonNode event) {
        String next = event.path("state").asString(state);
        String message = event.path("message").asString("");
        if (!next.equals(state)) {
            state = next;
            console.status("");
            console.line("  " + state.toLowerCase(java.util.Locale.ROOT) + (message.isEmpty() ? "" : ": " + message));
        } else if (!message.isEmpty() && !event.hasNonNull("step") && !event.hasNonNull("metrics")) {
            console.line("    " + message);
        }
        if (event.hasNonNull("metrics")) {
            epochEnded(event);
        } else if (event.hasNonNull("step") || event.hasNonNull("loss")) {
            step(event);
        }
    }

    private void epochEnded(JsonNode event) {
        Map<String, String> metrics = new TreeMap<>();
        event.path("metrics").forEachEntry((name, value) -> metrics.put(name, "%.4f".formatted(value.asDouble())));
        epoch = event.path("epoch").asInt(epoch);
        console.line("    " + figures(event) + "  validation " + metrics);
        lastLineNanos = System.nanoTime();
    }

    private void step(JsonNode event) {
        if (console.isTerminal()) {
            console.status("    " + bar(event) + figures(event));
            return;
        }
        boolean newEpoch = event.path("epoch").asInt(epoch) != epoch;
        if (newEpoch || System.nanoTime() - lastLineNanos > BETWEEN_LINES.toNanos()) {
            epoch = event.path("epoch").asInt(epoch);
            lastLineNanos = System.nanoTime();
            console.line("    " + figures(event));
        }
    }

    private static String figures(JsonNode event) {
        StringBuilder text = new StringBuilder();
        if (!event.hasNonNull("loss") && event.hasNonNull("message")) {
            text.append(event.path("message").asString());
        } else if (event.hasNonNull("epoch")) {
            text.append("epoch %d/%d"
                    .formatted(event.path("epoch").asInt(), event.path("epochs").asInt()));
        }
        if (event.hasNonNull("loss") && event.hasNonNull("step")) {
            text.append("  step %d/%d"
                    .formatted(event.path("step").asLong(), event.path("steps").asLong()));
        }
        if (event.hasNonNull("loss")) {
            text.append("  loss %.4f".formatted(event.path("loss").asDouble()));
        }
        if (event.hasNonNull("samplesPerSecond")) {
            text.append(
                    "  %.0f samples/s".formatted(event.path("samplesPerSecond").asDouble()));
        }
        if (event.hasNonNull("secondsRemaining")) {
            text.append("  %s left"
                    .formatted(duration(event.path("secondsRemaining").asDouble())));
        }
        return text.toString();
    }

    private static String bar(JsonNode event) {
        long steps = event.path("steps").asLong(0);
        if (steps == 0) {
            return "";
        }
        int filled = (int) (BAR_WIDTH * Math.min(event.path("step").asLong(), steps) / steps);
        return "[" + "=".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "]  ";
    }

    /** In words as short as a status line needs: {@code 45 s}, {@code 3 min 20 s}. */
    static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 60 ? whole + " s" : whole / 60 + " min " + whole % 60 + " s";
    }
}
