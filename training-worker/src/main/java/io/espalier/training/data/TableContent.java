package io.espalier.training.data;

import io.espalier.modelkit.task.ExampleReader.RowResult.Example;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Inputs are objects of features. Which of these are numbers is known after the last row; nobody after the scan decides it again. */
final class TableContent implements Content {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Facts NONE = new Facts(0, 1, null);

    private Set<String> numericColumns = Set.of();

    @Override
    public boolean keepsRepeats() {
        return true;
    }

    @Override
    public Facts factsOf(Example example) {
        return NONE;
    }

    @Override
    public void counted(CellCensus census, List<String> features, IssueLog issues) {
        numericColumns = census.reportWords(features, issues);
    }

    /** Numbers in the columns of numbers, where what is none is missing. All other cells stay texts, also those that look like numbers. */
    @Override
    public String written(String input) {
        if (numericColumns.isEmpty()) {
            return input;
        }
        ObjectNode row = (ObjectNode) JSON.readTree(input);
        for (String column : numericColumns) {
            JsonNode cell = row.path(column);
            if (cell.isString() && Numbers.isNumber(cell.asString())) {
                row.set(column, Numbers.toJson(cell.asString()));
            } else {
                row.putNull(column);
            }
        }
        return row.toString();
    }

    @Override
    public @Nullable String shown(String input) {
        return null;
    }
}
