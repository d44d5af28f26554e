package io.espalier.training.job;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.ModelManifest.Lineage;
import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.AugmentationPreviewSpec;
import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.Evaluation;
import io.espalier.contracts.job.ExportedModel;
import io.espalier.contracts.job.GateDecision;
import io.espalier.contracts.job.ImportOutcome;
import io.espalier.contracts.job.ImportSpec;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionProgress;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.ProgressReport;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.process.FileTrees;
import io.espalier.modelkit.bundle.Bundles;
import io.espalier.modelkit.evaluation.Evaluator;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.TaskKit;
import io.espalier.modelkit.task.TaskKits;
import io.espalier.training.catalog.ImportFolder;
import io.espalier.training.catalog.ImportRefusedException;
import io.espalier.training.catalog.ImportedModel;
import io.espalier.training.catalog.ModelHub;
import io.espalier.training.data.DatasetInspector;
import io.espalier.training.data.DatasetPreparer;
import io.espalier.training.data.ScanRequest;
import io.espalier.training.data.ScanWatch;
import io.espalier.training.task.PreviewRequest;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingTasks;
import io.espalier.training.tune.Hyperparameters;
import io.temporal.activity.Activity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The activities on a tenant's files. Thread-safe. Each works in a folder of its own that is gone when it ends. An attempt
 * that was thought dead does no harm: splits and predictions follow from the arguments, a bundle's key holds its hash, and
 * nothing but {@link #discard} deletes. Bundles that were not registered are the control plane's to delete.
 */
public final class DataActivitiesImpl implements DataActivities {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ObjectStore store;
    private final ProgressReports reports;
    private final WorkFolders folders;
    private final Evaluator evaluator;
    private final @Nullable ModelHub hub;

    /**
     * @param workDirectory this process's alone, with room for three times the largest dataset an activity; made if it does
     *     not exist, and emptied of what a process before this one was killed over
     * @param reports outlives this
     * @param threads of one evaluation
     * @param hub null where the installation has none
     */
    public DataActivitiesImpl(
            ObjectStore store, Path workDirectory, ProgressReports reports, int threads, @Nullable ModelHub hub) {
        this.store = store;
        this.reports = reports;
        this.hub = hub;
        this.folders = new WorkFolders(workDirectory);
        this.evaluator = new Evaluator(threads);
    }

    @Override
    public InspectionOutcome inspect(InspectionSpec spec) {
        return run((folder, heartbeats) -> new DatasetInspector(
                        store,
                        folder,
                        watch(
                                heartbeats,
                                message -> reports.send(
                                        spec.version(), new InspectionProgress(spec.reportKey(), message))),
                        scanner(spec.task()))
                .inspect(spec));
    }

    @Override
    public void previewAugmentation(AugmentationPreviewSpec spec) {
        run((folder, heartbeats) -> {
            DatasetReport report = JSON.readValue(store.get(spec.reportKey()), DatasetReport.class);
            Path rows = folder.resolve("rows.jsonl");
            store.download(ObjectKeys.datasetSample(spec.reportKey()), rows);
            heartbeats.check();
            byte[] sheet = TrainingTasks.get(spec.task())
                    .preview(new PreviewRequest(
                            rows,
                            report,
                            new Hyperparameters(spec.hyperparameters()),
                            spec.images(),
                            spec.variants(),
                            spec.seed()));
            heartbeats.check();
            store.put(spec.objectKey(), sheet);
            return true;
        });
    }

    @Override
    public PreparedData prepare(TrainingJobSpec spec) {
        int attempt = Activity.getExecutionContext().getInfo().getAttempt();
        return run((folder, heartbeats) -> new DatasetPreparer(
                        store,
                        folder,
                        watch(
                                heartbeats,
                                message -> reports.send(
                                        spec.ref(), ProgressReport.message(JobState.PREPARING, attempt, message))),
                        scanner(spec.task()))
                .prepare(spec));
    }

    private static ScanWatch watch(Heartbeats heartbeats, Consumer<String> reports) {
        return new ScanWatch() {
            @Override
            public void beat() {
                heartbeats.check();
            }

            @Override
            public void says(String message) {
                reports.accept(message);
            }
        };
    }

    @Override
    public ExportedModel export(TrainingJobSpec spec, PreparedData data, TrainedModel model) {
        return run((folder, heartbeats) -> {
            Path trained = Files.createDirectory(folder.resolve("trained"));
            store.downloadDirectory(model.prefix(), trained);
            keep(spec, model);
            Path split = download(data, Split.TRAIN, folder);
            TaskExporter exporter = TrainingTasks.get(spec.task()).exporter();
            Map<String, Double> measured =
                    Objects.requireNonNullElse(TrainedFiles.description(trained).validationMetrics(), Map.of());
            List<ExportedModel.Bundle> bundles = new ArrayList<>();
            for (String precision : exporter.precisions()) {
                heartbeats.check();
                Path bundle = Files.createDirectory(folder.resolve(precision));
                var exported = exporter.export(trained, split, precision, bundle);
                ModelManifest manifest = new ModelManifest(
                        ModelManifest.FORMAT_VERSION,
                        spec.task(),
                        precision,
                        data.labels(),
                        Map.of(),
                        exported.transform(),
                        exported.inputs(),
                        exported.outputs(),
                        measured,
                        lineage(spec, model));
                Path zip = folder.resolve(precision + ".zip");
                Bundles.Written written = Bundles.write(bundle, manifest, zip);
                String key = ObjectKeys.candidateBundle(spec.ref(), precision, written.sha256());
                bundles.add(upload(key, precision, written, zip));
            }
            return new ExportedModel(bundles);
        });
    }

    @Override
    public GateDecision gate(TrainingJobSpec spec, PreparedData data, ExportedModel exported) {
        return run((folder, heartbeats) -> {
            Path split = download(data, Split.VALIDATION, folder);
            List<Gate.Measured> measured = new ArrayList<>();
            for (ExportedModel.Bundle bundle : exported.bundles()) {
                heartbeats.check();
                Path unpacked = folder.resolve(bundle.precision());
                ModelManifest manifest = unpack(bundle, unpacked);
                // A model that learned from the validation split too was measured before.
                Map<String, Double> metrics = manifest.validationMetrics().isEmpty()
                        ? predicting(
                                manifest,
                                unpacked,
                                (kit, predictor) -> evaluator
                                        .evaluate(predictor, kit.scorer(unpacked, manifest), split, null)
                                        .metrics())
                        : manifest.validationMetrics();
                measured.add(new Gate.Measured(bundle, metrics));
            }
            var verdict = Gate.decide(TaskKits.get(spec.task()).descriptor().primaryMetric(), measured);
            ExportedModel.Bundle chosen = verdict.chosen().bundle();
            Path unpacked = folder.resolve(chosen.precision());
            ModelManifest manifest = Bundles.verify(unpacked, chosen.sha256())
                    .withValidationMetrics(verdict.chosen().metrics());
            Path zip = folder.resolve("chosen.zip");
            Bundles.Written written = Bundles.write(unpacked, manifest, zip);
            String key = ObjectKeys.bundle(spec.ref(), chosen.precision(), written.sha256());
            heartbeats.check();
            return new GateDecision(upload(key, chosen.precision(), written, zip), verdict.primary(), verdict.reason());
        });
    }

    @Override
    public Evaluation evaluate(TrainingJobSpec spec, PreparedData data, GateDecision gate) {
        return run((folder, heartbeats) -> {
            Path split = download(data, Split.TEST, folder);
            Path unpacked = folder.resolve("bundle");
            ModelManifest manifest = unpack(gate.chosen(), unpacked);
            heartbeats.check();
            Path predictions = folder.resolve("predictions.jsonl");
            String key = ObjectKeys.predictions(spec.ref());
            Evaluation evaluation = predicting(
                    manifest,
                    unpacked,
                    (kit, predictor) -> evaluator
                            .evaluate(predictor, kit.scorer(unpacked, manifest), split, predictions)
                            .toEvaluation(Evaluator.latencyMillis(predictor, split), key));
            heartbeats.check();
            store.upload(key, predictions);
            return evaluation;
        });
    }

    @Override
    public ImportOutcome importBaseModel(ImportSpec spec) {
        return run((folder, heartbeats) -> {
            ImportFolder given = new ImportFolder(Files.createDirectory(folder.resolve("given")));
            Path made = Files.createDirectory(folder.resolve("made"));
            try {
                String commit = fetch(spec, given, heartbeats);
                ImportedModel model = TrainingTasks.get(spec.task()).importBaseModel(given, made);
                heartbeats.check();
                // Each attempt has a place of its own: what is in use already does not change under a late one.
                var attempt = Activity.getExecutionContext().getInfo();
                String prefix = spec.prefix() + attempt.getWorkflowRunId() + "-" + attempt.getAttempt() + "/";
                store.uploadDirectory(prefix, made);
                return new ImportOutcome(
                        List.of(),
                        new ImportOutcome.Imported(model.architecture(), model.parameters(), commit, prefix));
            } catch (ImportRefusedException e) {
                return new ImportOutcome(e.shown(), null);
            }
        });
    }

    private static ScanRequest.Scanner scanner(String task) {
        return TrainingTasks.get(task)::scan;
    }

    private @Nullable String fetch(ImportSpec spec, ImportFolder to, Heartbeats heartbeats) throws IOException {
        if (spec.hub() != null) {
            if (hub == null) {
                throw new ImportRefusedException("This installation has no model hub; upload the files instead.");
            }
            return hub.download(spec.hub(), to.folder(), heartbeats::check);
        }
        for (var file : spec.files().entrySet()) {
            heartbeats.check();
            store.download(file.getValue(), to.of(file.getKey()));
        }
        return null;
    }

    @Override
    public void discard(TrainingJobSpec spec) {
        run((folder, heartbeats) -> {
            store.deletePrefix(ObjectKeys.jobScratch(spec.ref()));
            for (Split split : Split.values()) {
                store.delete(ObjectKeys.split(spec.ref(), split));
            }
            return true;
        });
    }

    /** The trained model outlives the job's scratch, for trainings that start from it. */
    private void keep(TrainingJobSpec spec, TrainedModel model) {
        String kept = ObjectKeys.trainedModel(spec.ref(), model.weightsSha256());
        for (String key : store.list(model.prefix())) {
            store.copy(key, kept + key.substring(model.prefix().length()));
        }
    }

    private Path download(PreparedData data, Split split, Path folder) {
        Path file = folder.resolve(split.name());
        store.download(Objects.requireNonNull(data.objectKeys().get(split), () -> "No split " + split), file);
        return file;
    }

    private ModelManifest unpack(ExportedModel.Bundle bundle, Path folder) {
        Path zip = folder.resolveSibling(folder.getFileName() + ".downloaded.zip");
        store.download(bundle.objectKey(), zip);
        Bundles.unpack(zip, folder);
        return Bundles.verify(folder, bundle.sha256());
    }

    private ExportedModel.Bundle upload(String key, String precision, Bundles.Written written, Path zip) {
        store.upload(key, zip);
        return new ExportedModel.Bundle(precision, key, written.sha256(), written.bytes());
    }

    /** Opens the bundle with the code that serves it. */
    private static <T> T predicting(ModelManifest manifest, Path bundle, BiFunction<TaskKit, Predictor, T> work) {
        TaskKit kit = TaskKits.get(manifest.task());
        try (Predictor predictor = kit.open(bundle, manifest, 1)) {
            return work.apply(kit, predictor);
        }
    }

    private static Lineage lineage(TrainingJobSpec spec, TrainedModel model) {
        return new Lineage(
                spec.ref().tenant(),
                spec.product(),
                spec.ref().job(),
                spec.datasetVersion(),
                spec.datasetContentHash(),
                spec.baseModel(),
                model.weightsSha256(),
                model.hyperparameters(),
                model.seed(),
                model.precision(),
                model.threads(),
                CodeVersion.CURRENT);
    }

    private interface Work<T> {
        T in(Path folder, Heartbeats heartbeats) throws IOException;
    }

    private <T> T run(Work<T> work) {
        var context = Activity.getExecutionContext();
        Path folder = null;
        try (Heartbeats heartbeats = new Heartbeats(() -> context.heartbeat(null))) {
            folder = folders.create(context.getInfo().getActivityType().toLowerCase(Locale.ROOT));
            return work.in(folder, heartbeats);
        } catch (ProblemException e) {
            throw ActivityFailures.translate(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (folder != null) {
                FileTrees.discard(folder);
            }
        }
    }
}
