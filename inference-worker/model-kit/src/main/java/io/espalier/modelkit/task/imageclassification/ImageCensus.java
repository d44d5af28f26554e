package io.espalier.modelkit.task.imageclassification;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Lengths;
import io.espalier.contracts.dataset.DatasetReport.Thumbnail;
import io.espalier.modelkit.image.Images;
import io.espalier.modelkit.image.Thumbnails;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts sizes and formats, and keeps a few small pictures of each label. Its size does not grow with the images. */
final class ImageCensus {
    private static final int THUMBNAILS_A_LABEL = 3;
    private static final int MOST_LABELS_SHOWN = 40;
    private static final int THUMBNAIL_PIXELS = 48;

    private final SortedMap<Integer, Long> widths = new TreeMap<>();
    private final SortedMap<Integer, Long> heights = new TreeMap<>();
    private final SortedMap<String, Long> formats = new TreeMap<>();
    private final Map<String, List<String>> thumbnails = new LinkedHashMap<>();

    void add(Images.Decoded image, String label) {
        widths.merge(image.width(), 1L, Long::sum);
        heights.merge(image.height(), 1L, Long::sum);
        formats.merge(image.format().word(), 1L, Long::sum);
        if (thumbnails.size() < MOST_LABELS_SHOWN || thumbnails.containsKey(label)) {
            List<String> shown = thumbnails.computeIfAbsent(label, _ -> new ArrayList<>());
            if (shown.size() < THUMBNAILS_A_LABEL) {
                shown.add(Thumbnails.dataUrl(image.pixels(), THUMBNAIL_PIXELS));
            }
        }
    }

    /** @return null where there was none */
    DatasetReport.@Nullable Images report() {
        if (widths.isEmpty()) {
            return null;
        }
        List<Thumbnail> shown = new ArrayList<>();
        thumbnails.forEach((label, urls) -> urls.forEach(url -> shown.add(new Thumbnail(label, url))));
        return new DatasetReport.Images(
                Lengths.of(widths), Lengths.of(heights), new LinkedHashMap<>(formats), List.copyOf(shown));
    }
}
