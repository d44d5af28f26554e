package io.espalier.modelkit.task;

import tools.jackson.core.JsonGenerator;

/** The answer to one input, in the shape that the task's descriptor says. Immutable. */
public interface Answer {
    /** Writes one JSON value. */
    void write(JsonGenerator json);
}
