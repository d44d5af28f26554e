package io.espalier.training.task.imageclassification;

import io.espalier.modelkit.image.Pixels;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Decoded pictures in a file that is mapped into memory, because all of them are more than a heap holds. Thread-safe. */
final class PictureStore {
    private final MemorySegment bytes;
    private final List<Place> places;

    private record Place(long offset, int width, int height) {
        int length() {
            return 3 * width * height;
        }
    }

    private PictureStore(MemorySegment bytes, List<Place> places) {
        this.bytes = bytes;
        this.places = places;
    }

    /** Takes pictures one after the other. */
    static final class Writer implements AutoCloseable {
        private final Path file;
        private final OutputStream out;
        private final List<Place> places = new ArrayList<>();
        private long end;

        /** @param file made here; whoever owns its folder deletes it */
        Writer(Path file) throws IOException {
            this.file = file;
            this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        }

        void add(Pixels picture) throws IOException {
            Place place = new Place(end, picture.width(), picture.height());
            places.add(place);
            out.write(picture.rgb());
            end += place.length();
        }

        /** Ends the writing. The file stays mapped for as long as the store is in use. */
        PictureStore store() throws IOException {
            out.close();
            try (FileChannel channel = FileChannel.open(file)) {
                return new PictureStore(channel.map(MapMode.READ_ONLY, 0, end, Arena.ofAuto()), List.copyOf(places));
            }
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    int size() {
        return places.size();
    }

    /** A copy of a picture. */
    Pixels picture(int index) {
        Place place = places.get(index);
        byte[] rgb = new byte[place.length()];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, place.offset, rgb, 0, rgb.length);
        return new Pixels(place.width, place.height, rgb);
    }
}
