package io.espalier.contracts.artifact;

import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.BaseModelRef;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.JobRef;
import java.util.Locale;
import java.util.UUID;

/** Builds every object key of the system; no other class does. Prefixes end in a slash. */
public final class ObjectKeys {
    private ObjectKeys() {}

    public static String tenant(UUID tenant) {
        return "tenants/" + tenant + "/";
    }

    public static String dataset(UUID tenant, UUID dataset) {
        return tenant(tenant) + "datasets/" + dataset + "/";
    }

    public static String datasetVersion(DatasetVersionRef version) {
        return dataset(version.tenant(), version.dataset()) + "versions/" + version.version() + "/";
    }

    /** The file of a part, by an id and not its name: names are the user's. */
    public static String datasetPart(DatasetVersionRef version, UUID file) {
        return datasetVersion(version) + "parts/" + file;
    }

    public static String datasetReport(DatasetVersionRef version, int revision) {
        return datasetVersion(version) + "report-" + revision + ".json";
    }

    /**
     * A few training rows of a version, as a split holds rows, for tasks that change examples at random.
     *
     * @param reportKey of the report that they belong to: another mapping gives others
     */
    public static String datasetSample(String reportKey) {
        return reportKey + ".sample.jsonl";
    }

    /** @param digest of what the preview shows */
    public static String augmentationPreview(DatasetVersionRef version, String digest) {
        return datasetVersion(version) + "augmentation-previews/" + digest + ".png";
    }

    public static String job(JobRef job) {
        return tenant(job.tenant()) + "jobs/" + job.job() + "/";
    }

    public static String split(JobRef job, Split split) {
        return job(job) + "splits/" + split.name().toLowerCase(Locale.ROOT) + ".jsonl";
    }

    /** What only the running job needs. */
    public static String jobScratch(JobRef job) {
        return job(job) + "scratch/";
    }

    /** What one attempt of the training writes; no other attempt writes here. */
    public static String trainingAttempt(JobRef job, int attempt) {
        return jobScratch(job) + "attempts/" + attempt + "/";
    }

    /**
     * A bundle before the gate: one a precision, of which one is chosen.
     *
     * @param sha256 of the bundle, so that two attempts that differ cannot overwrite each other's
     */
    public static String candidateBundle(JobRef job, String precision, String sha256) {
        return jobScratch(job) + "bundles/" + precision + "-" + sha256 + ".zip";
    }

    /**
     * The bundle that serves, its metrics on the validation split included.
     *
     * @param sha256 of the bundle, so that two attempts that differ cannot overwrite each other's
     */
    public static String bundle(JobRef job, String precision, String sha256) {
        return bundles(job) + precision + "-" + sha256 + ".zip";
    }

    /** What the gate chose: one bundle, and others where several attempts came to different ends. */
    public static String bundles(JobRef job) {
        return job(job) + "bundles/";
    }

    /**
     * The files of a trained model, which outlive the job: what another training may start from.
     *
     * @param sha256 of the weights
     */
    public static String trainedModel(JobRef job, String sha256) {
        return trainedModels(job) + sha256 + "/";
    }

    public static String trainedModels(JobRef job) {
        return job(job) + "trained/";
    }

    public static String predictions(JobRef job) {
        return job(job) + "predictions.jsonl";
    }

    /** All of a base model that was imported. */
    public static String importedBaseModel(BaseModelRef model) {
        return tenant(model.tenant()) + "base-models/" + model.baseModel() + "/";
    }

    /** The files that a tenant uploaded, by ids and not their names: one that is replaced is another. */
    public static String baseModelUpload(BaseModelRef model, UUID file) {
        return baseModelUploads(model) + file;
    }

    public static String baseModelUploads(BaseModelRef model) {
        return importedBaseModel(model) + "uploads/";
    }

    /** The files that one attempt to import made. */
    public static String baseModelImport(BaseModelRef model, int revision) {
        return importedBaseModel(model) + "imports/" + revision + "/";
    }

    /** The files of a base model that the platform brings. */
    public static String platformBaseModel(String name) {
        return "platform/base-models/" + name + "/";
    }
}
