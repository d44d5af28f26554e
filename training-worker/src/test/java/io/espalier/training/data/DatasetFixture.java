package io.espalier.training.data;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Issue;
import io.espalier.contracts.dataset.Split;
import io.espalier.training.task.TrainingTasks;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A dataset in memory or in files, and what the scan says about it. */
public final class DatasetFixture {
    static final String TEXT = "text-classification";
    static final String TABLE = "tabular-classification";
    static final String IMAGES = "image-classification";
    static final String INTERACTIONS = "recommendation";

    private interface Content {
        InputStream open() throws IOException;
    }

    private final Map<String, Content> contents = new LinkedHashMap<>();
    private final List<DatasetPart> parts = new ArrayList<>();
    private final String task;
    private ColumnMapping mapping = ColumnMapping.GUESS;
    private Map<String, Object> hyperparameters = Map.of();

    private DatasetFixture(String task) {
        this.task = task;
    }

    public static DatasetFixture texts() {
        return new DatasetFixture(TEXT);
    }

    public static DatasetFixture table() {
        return new DatasetFixture(TABLE);
    }

    public static DatasetFixture interactions() {
        return new DatasetFixture(INTERACTIONS);
    }

    public static DatasetFixture images() {
        return new DatasetFixture(IMAGES);
    }

    public DatasetFixture file(String name, String content) {
        return file(name, null, content.getBytes(StandardCharsets.UTF_8));
    }

    DatasetFixture file(String name, byte[] content) {
        return file(name, null, content);
    }

    public DatasetFixture file(String name, Split split, String content) {
        return file(name, split, content.getBytes(StandardCharsets.UTF_8));
    }

    DatasetFixture file(String name, Split split, byte[] content) {
        return part(name, split, content.length, () -> new ByteArrayInputStream(content));
    }

    DatasetFixture file(Path path, Split split) {
        return part(path.getFileName().toString(), split, path.toFile().length(), () -> Files.newInputStream(path));
    }

    /** A file made of what a product was told. */
    public DatasetFixture told(String name, String content) {
        parts.add(new DatasetPart(name, null, name, content.length(), 1L));
        contents.put(name, () -> new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    DatasetFixture absent(String name) {
        parts.add(new DatasetPart(name, null, name, 0));
        return this;
    }

    private DatasetFixture part(String name, Split split, long bytes, Content content) {
        parts.add(new DatasetPart(name, split, name, bytes));
        contents.put(name, content);
        return this;
    }

    public DatasetFixture mapping(Map<String, String> columnByRole, String splitColumn) {
        mapping = new ColumnMapping(
                columnByRole.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> List.of(entry.getValue()))),
                splitColumn);
        return this;
    }

    public DatasetFixture mapping(ColumnMapping mapping) {
        this.mapping = mapping;
        return this;
    }

    public DatasetFixture hyperparameters(Map<String, Object> hyperparameters) {
        this.hyperparameters = hyperparameters;
        return this;
    }

    /** Writes every split into a folder, under its name. */
    public DatasetReport write(Path workDirectory, Path folder) {
        return scanning(workDirectory, scan -> {
            for (Split split : Split.values()) {
                scan.write(split, folder.resolve(split.name()));
            }
            return scan.report();
        });
    }

    private <T> T scanning(Path workDirectory, ScanRequest.Work<T> work) {
        try {
            return ScanRequest.scanning(
                    TrainingTasks.get(task)::scan,
                    parts,
                    mapping,
                    hyperparameters,
                    new PartDownloads.Source() {
                        @Override
                        public boolean exists(DatasetPart part) {
                            return contents.containsKey(part.objectKey());
                        }

                        @Override
                        public InputStream open(DatasetPart part) throws IOException {
                            return contents.get(part.objectKey()).open();
                        }
                    },
                    workDirectory,
                    () -> {},
                    work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public DatasetReport inspect(Path workDirectory) {
        return scanning(workDirectory, DatasetScan::report);
    }

    /** The lines of every split, as a training job would read them. */
    Map<Split, List<String>> prepare(Path workDirectory) {
        return scanning(workDirectory, scan -> {
            Map<Split, List<String>> lines = new EnumMap<>(Split.class);
            for (Split split : Split.values()) {
                Path file = scan.directory().resolve(split.name());
                scan.write(split, file);
                lines.put(split, Files.readAllLines(file));
            }
            return lines;
        });
    }

    public static Optional<Issue> issue(DatasetReport report, String code) {
        return report.issues().stream()
                .filter(issue -> issue.code().equals(code))
                .findFirst();
    }

    /** Forty distinct sentences in two classes, as comma-separated lines without a header. */
    static List<String> goodLines() {
        List<String> lines = new ArrayList<>();
        String[] things = {
            "parcel", "invoice", "refund", "order", "account", "voucher", "return", "delivery", "price", "size"
        };
        String[] praises = {"arrived quickly, thank you", "is exactly right"};
        String[] complaints = {"never came, where is it", "is wrong again"};
        for (String thing : things) {
            for (String praise : praises) {
                lines.add("\"My " + thing + " " + praise + "\",praise");
            }
            for (String complaint : complaints) {
                lines.add("\"My " + thing + " " + complaint + "\",complaint");
            }
        }
        return lines;
    }

    public static String csv(String header, List<String> lines) {
        return (header.isEmpty() ? "" : header + "\n") + String.join("\n", lines) + "\n";
    }
}
