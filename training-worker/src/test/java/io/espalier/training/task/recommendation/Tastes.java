package io.espalier.training.task.recommendation;

import io.espalier.contracts.dataset.Split;
import io.espalier.training.data.DatasetFixture;
import io.espalier.training.task.TrainingFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Interactions of users with one of four tastes, ten items each, and a little of everything. */
public final class Tastes {
    static final int USERS = 120;
    private static final int TASTES = 4;
    private static final int ITEMS_OF_A_TASTE = 10;

    private static final List<String> NAMES = List.of(
            "A novel about a detective in the city",
            "A tent for camping in the mountains",
            "A pan for frying fish",
            "A racing bicycle");

    private static final List<String> KINDS = List.of("books", "outdoor", "kitchen", "sports");

    private Tastes() {}

    static String item(int taste, int number) {
        return "t%d-%d".formatted(taste, number);
    }

    static int tasteOf(String item) {
        return item.charAt(1) - '0';
    }

    /** User {@code u007} has the taste 7 modulo 4. */
    static List<String> lines() {
        Random random = new Random(3);
        List<String> lines = new ArrayList<>();
        for (int user = 0; user < USERS; user++) {
            for (int i = 0; i < ITEMS_OF_A_TASTE; i++) {
                if (random.nextInt(10) < 7) {
                    lines.add(line(user, item(user % TASTES, i), lines.size()));
                }
            }
            lines.add(line(user, item(random.nextInt(TASTES), random.nextInt(ITEMS_OF_A_TASTE)), lines.size()));
        }
        return lines;
    }

    static String line(int user, String item, int day) {
        return "u%03d,%s,%d".formatted(user, item, 1_700_000_000L + 3600L * day);
    }

    static DatasetFixture dataset(Map<String, Object> hyperparameters) {
        return DatasetFixture.interactions()
                .file("visits.csv", DatasetFixture.csv("user_id,item_id,timestamp", lines()))
                .hyperparameters(hyperparameters);
    }

    static final String ITEMS_HEADER = "item_id,name,kind,price,since";

    /** What is said of all items, and of one more of each taste, {@code t0-new}, that nobody had. */
    static List<String> items() {
        List<String> lines = new ArrayList<>();
        for (int taste = 0; taste < TASTES; taste++) {
            for (int i = 0; i <= ITEMS_OF_A_TASTE; i++) {
                String id = i == ITEMS_OF_A_TASTE ? "t%d-new".formatted(taste) : item(taste, i);
                lines.add("%s,%s number %d,%s|%s,%d.50,2026-0%d-01"
                        .formatted(
                                id, NAMES.get(taste), i, KINDS.get(taste), i % 2 == 0 ? "even" : "odd", i, taste + 1));
            }
        }
        return lines;
    }

    static final String USERS_HEADER = "user_id,hobby,age";

    /** Who all users are, and one more of each taste, {@code new-0}, who had nothing. */
    static List<String> users() {
        List<String> lines = new ArrayList<>();
        for (int user = 0; user < USERS; user++) {
            lines.add("u%03d,%s,%d".formatted(user, KINDS.get(user % TASTES), 20 + user % 7));
        }
        for (int taste = 0; taste < TASTES; taste++) {
            lines.add("new-%d,%s,23".formatted(taste, KINDS.get(taste)));
        }
        return lines;
    }

    static DatasetFixture datasetWithUsers(Map<String, Object> hyperparameters) {
        return dataset(hyperparameters)
                .file("people.csv", DatasetFixture.csv(USERS_HEADER, users()))
                .file(
                        "friends.csv",
                        DatasetFixture.csv("user_id,friend_id", List.of("tied,u001", "tied,u005", "new-3,u002")));
    }

    static DatasetFixture datasetWithItems(Map<String, Object> hyperparameters) {
        return dataset(hyperparameters).file("items.csv", DatasetFixture.csv(ITEMS_HEADER, items()));
    }

    public static TrainingFiles write(Path folder, Map<String, Object> hyperparameters) throws IOException {
        return write(folder, dataset(hyperparameters), null);
    }

    static TrainingFiles write(Path folder, DatasetFixture dataset, @Nullable Path baseModel) throws IOException {
        Path splits = Files.createDirectories(folder.resolve("splits"));
        dataset.write(folder.resolve("work"), splits);
        return new TrainingFiles(
                splits.resolve(Split.TRAIN.name()), splits.resolve(Split.VALIDATION.name()), List.of(), baseModel);
    }
}
