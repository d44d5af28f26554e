package io.espalier.controlplane.dataset;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.problem.StorableText;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.TaskDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a mapping must be whatever the file holds; whether the columns exist is for the inspection to say. */
final class MappingRules {
    private static final String UNSTORABLE = "has characters that cannot be stored";

    private MappingRules() {}

    /** @throws ProblemException INVALID_REQUEST with every role and column that cannot be */
    static void check(ColumnMapping mapping, TaskDescriptor task) {
        List<FieldError> errors = new ArrayList<>();
        Map<String, String> roleByColumn = new HashMap<>();
        if (mapping.splitColumn() != null && !StorableText.is(mapping.splitColumn())) {
            errors.add(new FieldError("mapping.splitColumn", UNSTORABLE));
        }
        mapping.columnsByRole().forEach((name, columns) -> {
            String field = "mapping.columnsByRole." + name;
            ColumnRole role = task.columns().stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElse(null);
            if (role == null) {
                errors.add(new FieldError(
                        field,
                        "is not a role of %s; known are %s"
                                .formatted(
                                        task.name(),
                                        String.join(
                                                ", ",
                                                task.columns().stream()
                                                        .map(ColumnRole::name)
                                                        .toList()))));
                return;
            }
            boolean declined = columns != null && columns.isEmpty() && !role.required();
            if (!declined && (columns == null || columns.isEmpty())) {
                errors.add(new FieldError(field, "must name a column; leave the role out to have it guessed"));
                return;
            }
            if (!role.many() && columns.size() > 1) {
                errors.add(new FieldError(field, "must be one column"));
            }
            for (String column : columns) {
                if (column == null) {
                    errors.add(new FieldError(field, "must not hold null"));
                    continue;
                }
                if (!StorableText.is(column)) {
                    errors.add(new FieldError(field, UNSTORABLE));
                    continue;
                }
                // Files of other tables have columns of their own.
                String other = roleByColumn.putIfAbsent(role.table() + " " + column, name);
                if (other != null || role.table() == null && column.equals(mapping.splitColumn())) {
                    errors.add(new FieldError(
                            field, "%s is already the %s".formatted(column, other == null ? "split column" : other)));
                }
            }
        });
        if (!errors.isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_REQUEST, "The mapping has problems.", errors);
        }
    }
}
