package io.espalier.training.task.recommendation;

import io.espalier.modelkit.task.recommendation.Histories;
import io.espalier.modelkit.task.recommendation.IdTable;
import io.espalier.modelkit.task.recommendation.ItemAttributes;
import io.espalier.training.task.recommendation.InteractionScan.Described;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * The training split of interactions: a zip of two tables of ids, what each user had, the oldest first, and what of it is for
 * validation, and what is said of the items.
 */
final class InteractionFile {
    static final String USERS = "users.ids";
    static final String ITEMS = "items.ids";
    static final String LEARNED = "learned.bin";
    static final String HELD_OUT = "held-out.bin";
    /** {@link ItemAttributes}; absent where nothing is said of any item. */
    static final String ATTRIBUTES = "attributes.jsonl";
    /** The same of users. */
    static final String PROFILES = "profiles.jsonl";
    /** {@link Histories} of users in the place of items: to whom each is tied; absent where nobody is. */
    static final String TIES = "ties.bin";

    private static final List<String> ENTRIES = List.of(USERS, ITEMS, LEARNED, HELD_OUT, ATTRIBUTES, PROFILES, TIES);

    private InteractionFile() {}

    /** Of a growing list of numbers. */
    private static final class Ints {
        private int[] values = new int[1 << 16];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, Math.addExact(size, size / 2));
            }
            values[size++] = value;
        }
    }

    /** Pairs by user, in the order in which they come. */
    private static final class Rows {
        private final int[] offsets;
        private final Ints items = new Ints();
        private int user;

        Rows(int users) {
            this.offsets = new int[users + 1];
        }

        void add(int of, int item) {
            while (user < of) {
                offsets[++user] = items.size;
            }
            items.add(item);
        }

        boolean isEmpty() {
            return items.size == 0;
        }

        void write(Path file) throws IOException {
            while (user < offsets.length - 1) {
                offsets[++user] = items.size;
            }
            Histories.write(file, offsets, items.values);
        }
    }

    /** @param work for files of the moment */
    static void write(InteractionStore store, Described said, Described saidOfUsers, Path file, Path work)
            throws IOException, SQLException {
        Path folder = Files.createTempDirectory(work, "interactions-");
        List<String> users = store.learnedIds("users", "\"user\"", "u");
        IdTable.write(folder.resolve(USERS), users);
        IdTable.write(folder.resolve(ITEMS), store.learnedIds("items", "item", "i"));
        Rows learned = new Rows(users.size());
        Rows heldOut = new Rows(users.size());
        store.<RuntimeException>learned((user, item, validation) -> (validation ? heldOut : learned).add(user, item));
        learned.write(folder.resolve(LEARNED));
        heldOut.write(folder.resolve(HELD_OUT));
        write(said, folder.resolve(ATTRIBUTES));
        write(saidOfUsers, folder.resolve(PROFILES));
        Rows ties = new Rows(users.size());
        store.<RuntimeException>ties(ties::add);
        if (!ties.isEmpty()) {
            ties.write(folder.resolve(TIES));
        }
        try (var zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (String name : ENTRIES) {
                if (!Files.exists(folder.resolve(name))) {
                    continue;
                }
                ZipEntry entry = new ZipEntry(name);
                entry.setTime(0);
                zip.putNextEntry(entry);
                Files.copy(folder.resolve(name), zip);
            }
        }
    }

    private static void write(Described said, Path file) throws IOException, SQLException {
        if (said.columns().isEmpty()) {
            return;
        }
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write(ItemAttributes.header(said.columns()));
            said.store().<IOException>learned(cells -> {
                out.newLine();
                out.write(String.valueOf(cells));
            });
        }
    }

    /** Unpacks into an empty folder. */
    static void unpack(Path file, Path folder) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (ENTRIES.contains(entry.getName())) {
                    Files.copy(zip, folder.resolve(entry.getName()));
                }
            }
        }
    }
}
