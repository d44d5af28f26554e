package io.espalier.modelkit.task;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.dataset.ColumnMapping;
import java.nio.file.Path;
import java.util.List;

/** The serving half of a task whose examples are an input and one of a set of labels. */
public interface LabelledTaskKit extends TaskKit {
    /**
     * A reader that turns rows of a dataset into examples.
     *
     * @param columns of the file, in its order
     * @param mapping complete: every required role has a column that exists
     * @param files what the cells of roles that hold files stand for
     */
    ExampleReader examples(List<String> columns, ColumnMapping mapping, FileContents files);

    @Override
    default Scorer scorer(Path bundle, ModelManifest manifest) {
        return new ClassificationScorer(manifest.labels());
    }
}
