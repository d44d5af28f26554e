package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.task.Answer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * A ranking: {@code [{"item": …, "score": …, "because": [id, …]}, …]}, the best first, equal ones in the order of the catalog.
 *
 * @param because for each item the items of the user that speak most for it; null where nobody asked
 */
public record Recommendations(
        List<String> items, float[] scores, @Nullable List<List<String>> because) implements Answer {
    @Override
    public void write(JsonGenerator json) {
        json.writeStartArray();
        for (int i = 0; i < items.size(); i++) {
            json.writeStartObject();
            json.writeStringProperty("item", items.get(i));
            json.writeNumberProperty("score", scores[i]);
            if (because != null) {
                json.writeArrayPropertyStart("because");
                because.get(i).forEach(json::writeString);
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
