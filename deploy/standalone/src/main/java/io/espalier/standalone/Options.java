package io.espalier.standalone;

import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.Tasks;
import io.espalier.standalone.demo.DemoData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param port of the public origin
 * @param demos the products to make; none to start without the demo
 */
public record Options(
        Path dataDirectory,
        int port,
        List<DemoData> demos,
        boolean exit,
        @Nullable Path report) {

    private static final int DEFAULT_PORT = 8080;
    private static final String TEXT_TASK = "text-classification";
    private static final String TABLE_TASK = "tabular-classification";
    private static final String IMAGE_TASK = "image-classification";
    private static final String ALL_TASKS = "all";
    private static final Pattern ARCHIVE = Pattern.compile("(?i).*\\.(zip|tar|tgz|tar\\.gz)");

    /**
     * @param home the checkout
     * @throws LaunchException if the command line makes no sense, in one line
     */
    public static Options parse(List<String> arguments, Path home) {
        Deque<String> rest = new ArrayDeque<>(arguments);
        boolean demo = false;
        boolean exit = false;
        int port = DEFAULT_PORT;
        Path dataDirectory = home.resolve(".espalier");
        List<Path> data = new ArrayList<>();
        Path report = null;
        String text = null;
        String label = null;
        String split = null;
        String task = null;
        String baseModel = null;
        Map<String, Object> hyperparameters = new TreeMap<>();
        while (!rest.isEmpty()) {
            String option = rest.pop();
            switch (option) {
                case "--demo" -> demo = true;
                case "--exit" -> exit = true;
                case "--data" -> data.add(Path.of(value(option, rest)));
                case "--text" -> text = value(option, rest);
                case "--label" -> label = value(option, rest);
                case "--split" -> split = value(option, rest);
                case "--task" -> task = value(option, rest);
                case "--base-model" -> baseModel = value(option, rest);
                case "--set" -> set(value(option, rest), hyperparameters);
                case "--report" -> report = report(value(option, rest));
                case "--data-dir" -> dataDirectory = Path.of(value(option, rest));
                case "--port" -> port = port(value(option, rest));
                default -> throw new LaunchException("Unknown option " + option + ".\n\n" + usage());
            }
        }
        boolean columns = text != null || label != null || split != null;
        if (data.isEmpty() && columns) {
            throw new LaunchException("--text, --label and --split belong to --data FILE.");
        }
        boolean runsDemo = demo || !data.isEmpty() || exit || report != null;
        if (!runsDemo && (task != null || baseModel != null || !hyperparameters.isEmpty())) {
            throw new LaunchException("--task, --base-model and --set belong to --demo.");
        }
        List<DemoData> demos;
        if (!runsDemo) {
            demos = List.of();
        } else if (ALL_TASKS.equals(task)) {
            if (!data.isEmpty() || baseModel != null || !hyperparameters.isEmpty()) {
                throw new LaunchException("--task all takes the files that ship: no --data, --base-model or --set.");
            }
            demos = Tasks.ALL.stream()
                    .map(known -> new DemoData(List.of(), null, null, null, known.name(), null, Map.of()))
                    .toList();
        } else {
            demos = List.of(demoData(data, text, label, split, task, baseModel, hyperparameters));
        }
        return new Options(dataDirectory.toAbsolutePath().normalize(), port, demos, exit, report);
    }

    private static DemoData demoData(
            List<Path> files,
            @Nullable String text,
            @Nullable String label,
            @Nullable String split,
            @Nullable String task,
            @Nullable String baseModel,
            Map<String, Object> hyperparameters) {
        if (files.isEmpty()) {
            String shipped = task == null ? TEXT_TASK : known(task);
            return new DemoData(List.of(), null, null, null, shipped, baseModel, hyperparameters);
        }
        for (Path file : files) {
            if (!Files.isReadable(file) || Files.isDirectory(file)) {
                throw new LaunchException("There is no readable file " + file + ".");
            }
        }
        String chosen = task != null ? known(task) : defaultTask(files.getFirst(), text);
        if (label == null && needsLabel(chosen)) {
            throw new LaunchException("--data needs --label COLUMN: the column to predict.");
        }
        return new DemoData(
                files.stream().map(Path::toAbsolutePath).toList(),
                text,
                label,
                split,
                chosen,
                baseModel,
                hyperparameters);
    }

    /** Folders may say what files are. */
    private static boolean needsLabel(String task) {
        List<ColumnRole> roles = Tasks.find(task).orElseThrow().columns();
        return roles.stream().anyMatch(role -> role.name().equals(ColumnRole.LABEL))
                && roles.stream().noneMatch(ColumnRole::files);
    }

    private static String defaultTask(Path file, @Nullable String text) {
        if (ARCHIVE.matcher(file.toString()).matches()) {
            return IMAGE_TASK;
        }
        return text != null ? TEXT_TASK : TABLE_TASK;
    }

    private static String known(String task) {
        if (Tasks.find(task).isEmpty()) {
            throw new LaunchException("There is no task " + task + "; known are "
                    + Tasks.ALL.stream().map(known -> known.name()).collect(Collectors.joining(", ")) + ".");
        }
        return task;
    }

    /** Which names and values there are is the control plane's to say. */
    private static void set(String assignment, Map<String, Object> hyperparameters) {
        int sign = assignment.indexOf('=');
        if (sign < 1) {
            throw new LaunchException("--set needs NAME=VALUE, for example --set epochs=3, not " + assignment + ".");
        }
        hyperparameters.put(assignment.substring(0, sign), typed(assignment.substring(sign + 1)));
    }

    private static Object typed(String value) {
        if (value.contains(",")) {
            return List.of(value.split(","));
        }
        if (value.equals("true") || value.equals("false")) {
            return Boolean.valueOf(value);
        }
        try {
            BigDecimal number = new BigDecimal(value);
            return number.scale() <= 0 ? number.longValueExact() : (Object) number.doubleValue();
        } catch (ArithmeticException | NumberFormatException _) {
            return value;
        }
    }

    static String usage() {
        try (var in = Options.class.getResourceAsStream("/usage.txt")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String value(String option, Deque<String> rest) {
        String value = rest.poll();
        if (value == null || value.startsWith("--")) {
            throw new LaunchException(option + " needs a value.\n\n" + usage());
        }
        return value;
    }

    /** Whether it can be written shows here, not after the training. */
    private static Path report(String name) {
        Path file = Path.of(name).toAbsolutePath();
        Path nearest = file;
        while (!Files.exists(nearest) && nearest.getParent() instanceof Path parent) {
            nearest = parent;
        }
        boolean wanted = nearest.equals(file) ? !Files.isDirectory(file) : Files.isDirectory(nearest);
        if (!wanted || !Files.isWritable(nearest)) {
            throw new LaunchException("--report cannot be written to " + name + ".");
        }
        return file;
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException _) {
            // Said below, as for a number out of range.
        }
        throw new LaunchException("--port must be a number from 1 to 65535, not " + text + ".");
    }
}
