package io.espalier.modelkit.task.tabularclassification;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.modelkit.task.ExampleReader;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Some columns are features, one is the label. Cells stay texts: which columns are numbers is known only after the last row. */
final class TabularExampleReader implements ExampleReader {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<String> features;
    private final int[] positions;
    private final String labelColumn;
    private final int label;

    TabularExampleReader(List<String> columns, ColumnMapping mapping) {
        this.features = mapping.columnsByRole().getOrDefault("features", List.of());
        List<String> labels = mapping.columnsByRole().getOrDefault(ColumnRole.LABEL, List.of());
        if (labels.size() != 1 || features.isEmpty()) {
            throw new IllegalArgumentException("One label and one feature at least are needed: " + mapping);
        }
        this.labelColumn = labels.getFirst();
        this.label = columns.indexOf(labelColumn);
        this.positions = features.stream().mapToInt(columns::indexOf).toArray();
        if (label < 0 || !columns.containsAll(features)) {
            throw new IllegalArgumentException("The mapping " + mapping + " does not fit the columns " + columns);
        }
    }

    @Override
    public RowResult read(List<@Nullable String> cells) {
        String name = cells.get(label);
        if (name == null || name.isBlank()) {
            return new RowResult.Rejected("missing-label", labelColumn, "The label is missing.");
        }
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < positions.length; i++) {
            // Always all columns in the mapping's order, so that equal rows have equal JSON.
            input.put(features.get(i), Cells.text(cells.get(positions[i])));
        }
        return new RowResult.Example(input, name.strip(), JSON.writeValueAsString(input));
    }
}
