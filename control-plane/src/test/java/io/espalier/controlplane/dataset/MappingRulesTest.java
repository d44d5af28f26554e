package io.espalier.controlplane.dataset;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.contracts.task.textclassification.TextClassification;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class MappingRulesTest {
    @Test
    void acceptsRolesLeftToGuess() {
        assertThatCode(() -> MappingRules.check(ColumnMapping.GUESS, TextClassification.DESCRIPTOR))
                .doesNotThrowAnyException();
    }

    @Test
    void acceptsManyColumnsWhereTheRoleTakesThem() {
        var mapping = new ColumnMapping(Map.of("features", List.of("age", "job"), "label", List.of("income")), "part");

        assertThatCode(() -> MappingRules.check(mapping, TabularClassification.DESCRIPTOR))
                .doesNotThrowAnyException();
    }

    @Test
    void namesEverythingThatIsWrongAtOnce() {
        var mapping = new ColumnMapping(
                new TreeMap<>(
                        Map.of("colour", List.of("red"), "label", List.of("a"), "text", List.of("a", "b", "part"))),
                "part");

        assertThatThrownBy(() -> MappingRules.check(mapping, TextClassification.DESCRIPTOR))
                .isInstanceOf(ProblemException.class)
                .extracting(e -> ((ProblemException) e).errors(), InstanceOfAssertFactories.list(FieldError.class))
                .containsExactly(
                        new FieldError(
                                "mapping.columnsByRole.colour",
                                "is not a role of text-classification; known are text, label"),
                        new FieldError("mapping.columnsByRole.text", "must be one column"),
                        new FieldError("mapping.columnsByRole.text", "a is already the label"),
                        new FieldError("mapping.columnsByRole.text", "part is already the split column"));
    }
}
