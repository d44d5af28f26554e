package io.espalier.training.task.imageclassification;

import com.google.auto.service.AutoService;
import io.espalier.contracts.job.BaseModelFile;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.imageclassification.ImageClassification;
import io.espalier.modelkit.evaluation.SplitFile;
import io.espalier.modelkit.image.Pixels;
import io.espalier.modelkit.task.imageclassification.ImageTransform;
import io.espalier.training.catalog.ImportFolder;
import io.espalier.training.catalog.ImportedModel;
import io.espalier.training.catalog.ImportedWeights;
import io.espalier.training.task.ClassBalance;
import io.espalier.training.task.GradientTask;
import io.espalier.training.task.LabelIndex;
import io.espalier.training.task.PreviewRequest;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.TrainingTask;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Trains a convolutional network, from nothing or from the layers of a model that another training made. */
@AutoService(TrainingTask.class)
public final class ImageClassificationTask implements GradientTask {
    /** Pictures that will be scaled or turned are kept a little larger than the model reads them. */
    private static final double RESERVE = 1.25;

    @Override
    public String name() {
        return ImageClassification.NAME;
    }

    @Override
    public Trainable prepare(TrainingFiles files, Hyperparameters chosen, long seed) throws IOException {
        LabelIndex labels = new LabelIndex(files.labels());
        int classes = files.labels().size();
        int rows = rows(files);
        Path base = files.baseModel();
        Map<String, Object> pretrained =
                base == null ? null : TrainedFiles.description(base).architecture();
        Hyperparameters all = pretrained == null
                ? fromNothing(chosen, ImageDefaults.of(rows, classes, Pictures.medianSide(files.train())))
                : ImageDefaults.fineTuned(chosen, rows, classes, pretrained);
        int size = all.integer("imageSize");
        Pictures train = training(files.train(), all, labels, "train.pixels");
        Pictures validation = Pictures.read(
                files.validation(),
                pixels -> ImageTransform.square(pixels, size),
                labels,
                files.validation().resolveSibling("validation.pixels"));
        ImageTransform transform = pretrained == null
                ? transform(size, train.statistics())
                : ImageTransform.of(pretrained).withSize(size);
        float[] weights = ClassBalance.weights(all, train.labels(), classes);
        Mixing mixing = Mixing.of(all);
        ImageNetwork network = pretrained == null ? network(all) : ImageNetwork.of(pretrained);
        return new ImageTraining(
                network,
                transform,
                all,
                mixing.isOn(),
                network.parameters(
                        base == null ? null : Safetensors.read(base.resolve(TrainedFiles.WEIGHTS)), classes, seed),
                new PictureExamples(train, transform, weights, augmentation(all), mixing),
                new PictureExamples(validation, transform, weights, null, mixing));
    }

    /** Decodes a training split, keeping what augmentation may need of each picture. */
    private static Pictures training(Path split, Hyperparameters all, LabelIndex labels, String file)
            throws IOException {
        int size = all.integer("imageSize");
        boolean scales = all.flag("augmentation") && (all.real("leastScale") < 1 || all.real("rotation") > 0);
        int kept = scales ? (int) Math.round(RESERVE * size) : size;
        return Pictures.read(split, pixels -> reduced(pixels, kept), labels, split.resolveSibling(file));
    }

    private static @Nullable Augmentation augmentation(Hyperparameters all) {
        return all.flag("augmentation") ? Augmentation.of(all, all.integer("imageSize")) : null;
    }

    /** Of a training from nothing. What is erased has the mean colour of the rows that are shown. */
    @Override
    public byte[] preview(PreviewRequest request) throws IOException {
        Hyperparameters all = request.chosen().orElse(ImageDefaults.of(request.report()));
        Hyperparameters unchanged = all.with("augmentation", false);
        LabelIndex labels =
                new LabelIndex(List.copyOf(request.report().profile().classes().keySet()));
        Pictures plain = training(request.rows(), unchanged, labels, "plain.pixels");
        Pictures kept = training(request.rows(), all, labels, "kept.pixels");
        ImageTransform transform = transform(all.integer("imageSize"), plain.statistics());
        float[] weights = {};
        return new AugmentationSheet(
                        new PictureExamples(plain, transform, weights, null, Mixing.of(unchanged)),
                        new PictureExamples(kept, transform, weights, augmentation(all), Mixing.of(all)))
                .draw(request.examples(), request.variants(), request.seed());
    }

    /**
     * A head that nobody set a rate for learns as fast as the rest: all of it is new.
     *
     * @throws ProblemException INVALID_REQUEST if only the head is to be trained
     */
    private static Hyperparameters fromNothing(Hyperparameters chosen, Map<String, Object> defaults) {
        Hyperparameters all = chosen.orElse(defaults);
        if (all.word("trained").equals("head")) {
            throw new ProblemException(
                    ProblemType.INVALID_REQUEST,
                    "The head alone learns nothing on random layers: choose a base model.");
        }
        return chosen.has("headLearningRate") ? all : all.with("headLearningRate", all.real("learningRate"));
    }

    private static ImageNetwork network(Hyperparameters all) {
        return ResidualNetwork.find(all.word("network"))
                .<ImageNetwork>map(known -> known)
                .orElseGet(() -> new CompactNetwork(all.integer("width")));
    }

    private static ImageTransform transform(int size, double[][] statistics) {
        return new ImageTransform(size, numbers(statistics[0]), numbers(statistics[1]));
    }

    private static int rows(TrainingFiles files) {
        try (var rows = SplitFile.rows(files.train())) {
            return Math.toIntExact(rows.count());
        }
    }

    /** The picture with its shorter side as long as that, and its longer one at most twice as long. */
    private static Pixels reduced(Pixels picture, int side) {
        int shorter = Math.min(picture.width(), picture.height());
        double width = Math.min(picture.width(), 2.0 * shorter);
        double height = Math.min(picture.height(), 2.0 * shorter);
        double scale = (double) side / shorter;
        return picture.resampled(
                Math.floor((picture.width() - width) / 2),
                Math.floor((picture.height() - height) / 2),
                width,
                height,
                (int) Math.round(width * scale),
                (int) Math.round(height * scale));
    }

    /** The configuration may be absent: then images are standardized as ImageNet's are. */
    @Override
    public ImportedModel importBaseModel(ImportFolder given, Path folder) throws IOException {
        given.require(BaseModelFile.WEIGHTS);
        try (var weights = given.weights()) {
            ResidualImport.Imported imported = ResidualImport.read(weights.tensors());
            Map<String, Object> architecture =
                    new HashMap<>(ResidualImport.transform(given).settings());
            architecture.putAll(imported.network().architecture());
            TrainedFiles.write(
                    folder, new TrainedFiles.Description(name(), List.of(), Map.of(), Map.copyOf(architecture), null));
            Safetensors.write(folder.resolve(TrainedFiles.WEIGHTS), imported.weights(), Map.of("format", "pt"));
            return new ImportedModel(imported.network().name(), ImportedWeights.parameters(imported.weights()));
        }
    }

    private static List<Double> numbers(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    @Override
    public TaskExporter exporter() {
        return new ImageClassificationExporter();
    }
}
