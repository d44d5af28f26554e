package io.espalier.training.data;

import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.problem.StorableText;
import io.espalier.modelkit.image.Images;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks the archives of a dataset version. Nothing that an archive says of itself is believed: names never become paths of
 * this machine, and what comes out is counted as it comes. One thread.
 */
final class Archives {
    static final int MOST_FILES = 200_000;
    /** What comes out of an archive of this many bytes, at most: no images are packed better than a hundred times. */
    private static final long MOST_EXPANSION = 100;

    private static final long ALWAYS_ALLOWED_BYTES = 64L << 20;
    private static final int LONGEST_NAME = 1000;
    /** The directory of a zip archive is read as a whole. */
    private static final long MOST_DIRECTORY_BYTES = 64L << 20;

    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int MOST_COMMENT_BYTES = 0xffff;
    private static final int TAR_MAGIC_AT = 257;
    private static final String TAR_MAGIC = "ustar";
    private static final Set<Byte> FILES =
            Set.of(TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM, TarConstants.LF_CONTIG);
    private static final Set<String> TABLES = Set.of("csv", "tsv", "jsonl", "ndjson", "parquet");
    private static final Set<String> DOCUMENTS =
            Set.of("txt", "md", "json", "xml", "html", "htm", "pdf", "yaml", "yml", "ini", "zip", "tar", "gz", "py");
    /** What file managers leave behind. */
    private static final Pattern LEFTOVER =
            Pattern.compile("(?i)(.*/)?(__MACOSX/.*|\\._[^/]*|\\.DS_Store|Thumbs\\.db|desktop\\.ini|\\.git/.*)");

    private final Blobs blobs;
    private final IssueLog issues;
    private final Path directory;
    private final Runnable heartbeat;
    private final List<LocalPart> tables = new ArrayList<>();

    /**
     * @param directory for tables that lie in archives
     * @param heartbeat called now and then; ends the unpacking by throwing
     */
    Archives(Blobs blobs, IssueLog issues, Path directory, Runnable heartbeat) {
        this.blobs = blobs;
        this.issues = issues;
        this.directory = directory;
        this.heartbeat = heartbeat;
    }

    /** The tables that lay in the archives unpacked so far, named {@code photos.zip/labels.csv}. */
    List<LocalPart> tables() {
        return List.copyOf(tables);
    }

    private enum Kind {
        ZIP,
        TAR,
        TAR_GZ
    }

    /**
     * Unpacks a part if it is an archive.
     *
     * @return null if it is none; without files where it could not be read, which is an issue
     */
    @Nullable
    FileArchive unpack(LocalPart part, Path file) throws IOException {
        Kind kind = kind(file);
        if (kind == null) {
            return null;
        }
        Unpacking unpacking = new Unpacking(part, Files.size(file));
        try {
            switch (kind) {
                case ZIP -> unpacking.zip(file);
                case TAR -> {
                    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
                        unpacking.tar(in);
                    }
                }
                case TAR_GZ -> {
                    try (InputStream in = new GZIPInputStream(Files.newInputStream(file), 1 << 16)) {
                        unpacking.tar(in);
                    }
                }
            }
        } catch (RefusedException e) {
            issues.found(e.code, new Place(part.name(), null, null, null), e.message);
        } catch (EOFException | ZipException e) {
            issues.found(IssueCode.DAMAGED_ARCHIVE, new Place(part.name(), null, null, null));
        } catch (IOException e) {
            // What commons-compress throws over a broken archive is of no class of its own.
            if (e.getClass() != IOException.class && !e.getClass().getName().startsWith("org.apache.commons")) {
                throw e;
            }
            issues.found(IssueCode.DAMAGED_ARCHIVE, new Place(part.name(), null, null, null));
        } catch (IllegalArgumentException e) {
            issues.found(IssueCode.DAMAGED_ARCHIVE, new Place(part.name(), null, null, null));
        }
        return FileArchive.of(kind == Kind.ZIP ? "zip" : "tar", unpacking.files);
    }

    private static @Nullable Kind kind(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(TAR_MAGIC_AT + TAR_MAGIC.length());
        }
        if (startsWith(head, "PK\u0003\u0004") || startsWith(head, "PK\u0005\u0006")) {
            return Kind.ZIP;
        }
        if (isTar(head)) {
            return Kind.TAR;
        }
        if (startsWith(head, "\u001f\u008b")) {
            try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
                return isTar(in.readNBytes(TAR_MAGIC_AT + TAR_MAGIC.length())) ? Kind.TAR_GZ : null;
            } catch (IOException e) {
                return null;
            }
        }
        return null;
    }

    private static boolean startsWith(byte[] head, String signature) {
        return new String(head, StandardCharsets.ISO_8859_1).startsWith(signature);
    }

    private static boolean isTar(byte[] head) {
        return new String(head, StandardCharsets.ISO_8859_1).startsWith(TAR_MAGIC, TAR_MAGIC_AT);
    }

    /** An archive that is not unpacked any further. */
    private static final class RefusedException extends IOException {
        final IssueCode code;
        final String message;

        RefusedException(IssueCode code, String message) {
            super(message);
            this.code = code;
            this.message = message;
        }
    }

    private interface Content {
        InputStream open() throws IOException;
    }

    /** One archive. */
    private final class Unpacking {
        final List<String> files = new ArrayList<>();
        private final LocalPart part;
        private final long most;
        private final Set<String> names = new HashSet<>();
        private long unpacked;
        private int entries;

        Unpacking(LocalPart part, long packed) {
            this.part = part;
            this.most = ALWAYS_ALLOWED_BYTES + MOST_EXPANSION * packed;
        }

        void zip(Path file) throws IOException {
            checkDirectory(file);
            try (ZipFile zip = new ZipFile(file.toFile())) {
                zip(zip, null);
            } catch (ZipException e) {
                if (!String.valueOf(e.getMessage()).contains("bad entry name")) {
                    throw e;
                }
                // Names in no UTF-8: read as bytes, to find out what they are.
                try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.ISO_8859_1)) {
                    zip(zip, charset(zip));
                }
            }
        }

        private void zip(ZipFile zip, @Nullable Charset charset) throws IOException {
            Enumeration<? extends ZipEntry> all = zip.entries();
            while (all.hasMoreElements()) {
                ZipEntry entry = all.nextElement();
                if (!entry.isDirectory()) {
                    String name = charset == null
                            ? entry.getName()
                            : new String(entry.getName().getBytes(StandardCharsets.ISO_8859_1), charset);
                    take(name, () -> {
                        try {
                            InputStream in = zip.getInputStream(entry);
                            if (in == null) {
                                throw new ZipException("No content");
                            }
                            return in;
                        } catch (ZipException e) {
                            throw new RefusedException(
                                    IssueCode.DAMAGED_ARCHIVE,
                                    "The file %s in the archive cannot be unpacked: it is encrypted, or packed in a way that is not known."
                                            .formatted(name));
                        }
                    });
                }
            }
        }

        private static Charset charset(ZipFile zip) {
            ByteCensus census = new ByteCensus();
            zip.stream().limit(10_000).forEach(entry -> {
                byte[] name = (entry.getName() + "\n").getBytes(StandardCharsets.ISO_8859_1);
                census.add(name, name.length);
            });
            census.end();
            return TextEncoding.detect(new byte[0], census).charset();
        }

        /** The end of a zip archive says how large its directory is; what does not is damaged, or made to do harm. */
        private static void checkDirectory(Path file) throws IOException {
            try (RandomAccessFile zip = new RandomAccessFile(file.toFile(), "r")) {
                int tail = (int) Math.min(zip.length(), END_BYTES + MOST_COMMENT_BYTES);
                byte[] bytes = new byte[tail];
                zip.seek(zip.length() - tail);
                zip.readFully(bytes);
                ByteBuffer end = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                for (int at = tail - END_BYTES; at >= 0; at--) {
                    if (end.getInt(at) == END_SIGNATURE) {
                        if (at + END_BYTES + Short.toUnsignedInt(end.getShort(at + 20)) != tail) {
                            throw new ZipException("The end does not end the file");
                        }
                        long directoryBytes = Integer.toUnsignedLong(end.getInt(at + 12));
                        // All ones: a larger archive, which says it elsewhere and cannot be smaller.
                        if (directoryBytes > MOST_DIRECTORY_BYTES && directoryBytes != 0xffffffffL) {
                            throw tooMany();
                        }
                        if (directoryBytes == 0xffffffffL) {
                            checkLargeDirectory(zip, zip.length() - tail + at);
                        }
                        return;
                    }
                }
                throw new ZipException("There is no end");
            }
        }

        /** APPNOTE.TXT 4.3.14 and 4.3.15: a locator before the end, which says where the end of 64 bits is. */
        private static void checkLargeDirectory(RandomAccessFile zip, long end) throws IOException {
            byte[] bytes = new byte[20];
            if (end < bytes.length) {
                throw new ZipException("There is no locator");
            }
            zip.seek(end - bytes.length);
            zip.readFully(bytes);
            long at = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(8);
            if (at < 0 || at + 56 > zip.length()) {
                throw new ZipException("The locator points beyond the file");
            }
            byte[] large = new byte[56];
            zip.seek(at);
            zip.readFully(large);
            long directoryBytes =
                    ByteBuffer.wrap(large).order(ByteOrder.LITTLE_ENDIAN).getLong(40);
            if (directoryBytes < 0 || directoryBytes > MOST_DIRECTORY_BYTES) {
                throw tooMany();
            }
        }

        void tar(InputStream in) throws IOException {
            TarArchiveInputStream tar = new TarArchiveInputStream(in, StandardCharsets.UTF_8.name());
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isDirectory()) {
                    continue;
                }
                if (!FILES.contains(entry.getLinkFlag()) || !tar.canReadEntryData(entry)) {
                    issues.found(IssueCode.NOT_A_FILE, place(entry.getName()));
                    continue;
                }
                take(entry.getName(), () -> tar);
            }
        }

        private void take(String given, Content content) throws IOException {
            if (++entries % 500 == 0) {
                heartbeat.run();
            }
            if (entries > MOST_FILES || blobs.size() >= MOST_FILES) {
                throw tooMany();
            }
            String name = given.replace('\\', '/').replaceFirst("^(\\./)+", "");
            if (!isSafe(name)) {
                issues.found(IssueCode.UNSAFE_NAME, place(given));
                return;
            }
            if (LEFTOVER.matcher(name).matches()) {
                return;
            }
            String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
            if (DOCUMENTS.contains(extension)) {
                issues.found(IssueCode.IGNORED_FILE, place(name));
                return;
            }
            if (!names.add(name)) {
                issues.found(IssueCode.DUPLICATE_NAME, place(name));
                return;
            }
            try (InputStream in = new Counted(content.open())) {
                if (TABLES.contains(extension)) {
                    table(name, in);
                } else {
                    long bytes = blobs.add(part.name(), name, in, Images.MOST_BYTES);
                    if (bytes > Images.MOST_BYTES) {
                        issues.found(IssueCode.IMAGE_TOO_LARGE, place(name));
                    } else {
                        files.add(name);
                    }
                }
            }
        }

        private void table(String name, InputStream in) throws IOException {
            Path file = directory.resolve("table-" + tables.size());
            ByteCensus census = new ByteCensus();
            try (OutputStream out = Files.newOutputStream(file)) {
                byte[] buffer = new byte[1 << 16];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    census.add(buffer, read);
                    out.write(buffer, 0, read);
                }
            }
            census.end();
            DatasetPart inside = new DatasetPart(
                    part.name() + "/" + name, splitOf(name), part.part().objectKey(), Files.size(file));
            tables.add(new LocalPart(inside, file, census));
        }

        /** {@code train.csv} beside {@code test.csv} says what it is for, as its archive may. */
        private @Nullable Split splitOf(String table) {
            String base = table.substring(table.lastIndexOf('/') + 1);
            Split given = part.part().split();
            return given != null
                    ? given
                    : Split.parse(base.substring(0, base.lastIndexOf('.'))).orElse(null);
        }

        private Place place(String name) {
            return new Place(part.name(), null, null, name);
        }

        /** Counts what comes out. Closing it leaves a tar archive open, of which it reads one entry. */
        private final class Counted extends InputStream {
            private final InputStream in;

            Counted(InputStream in) {
                this.in = in;
            }

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int read = in.read(buffer, offset, length);
                unpacked += Math.max(0, read);
                if (unpacked > most) {
                    throw new RefusedException(
                            IssueCode.ARCHIVE_BOMB,
                            "What the archive holds is more than %d times as large as the archive; it was not unpacked any further."
                                    .formatted(MOST_EXPANSION));
                }
                return read;
            }

            @Override
            public void close() throws IOException {
                if (!(in instanceof TarArchiveInputStream)) {
                    in.close();
                }
            }
        }
    }

    private static RefusedException tooMany() {
        return new RefusedException(
                IssueCode.TOO_MANY_FILES,
                "The archives of a version may hold %,d files together; these hold more.".formatted(MOST_FILES));
    }

    /** Names with which an archive could write elsewhere, if they were used as paths. */
    private static boolean isSafe(String name) {
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.startsWith("/") || name.matches("^[A-Za-z]:.*")) {
            return false;
        }
        for (String step : name.split("/", -1)) {
            if (step.equals("..")) {
                return false;
            }
        }
        return StorableText.is(name) && name.chars().noneMatch(c -> c < ' ' || c == 0x7f);
    }
}
