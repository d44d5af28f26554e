package io.espalier.modelkit.task.imageclassification;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.image.Images;
import io.espalier.modelkit.image.UnreadableImageException;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.Classifier;
import io.espalier.modelkit.task.Predictor;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** {@code pixel_values}, float32 [batch, 3, size, size], to {@code logits}, float32 [batch, labels]. */
final class ImagePredictor extends Classifier<ImagePredictor.Planes> {
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
    private static final String BASE64_MARK = ";base64,";
    /** What stands before the data of a data URL; a type with parameters is shorter. */
    private static final int LONGEST_PREFIX = 200;

    private final ImageTransform transform;

    ImagePredictor(List<String> labels, ImageTransform transform, OnnxModel model) {
        super(labels, model);
        this.transform = transform;
    }

    /** @param values three planes */
    record Planes(float[] values) implements Predictor.Prepared {
        /** Images are all of one size. */
        @Override
        public int length() {
            return 1;
        }
    }

    @Override
    protected Planes encode(JsonNode input, String path) {
        if (!input.isString() && !input.isBinary()) {
            throw refuse(path, "must be a text: an image in base64, or a data URL");
        }
        byte[] file = input.isBinary() ? input.binaryValue() : file(input.stringValue(), path);
        try {
            return planes(transform.square(Images.decode(file).pixels()).rgb());
        } catch (UnreadableImageException e) {
            throw refuse(path, e.getMessage());
        }
    }

    private Planes planes(byte[] rgb) {
        float[] values = new float[rgb.length];
        transform.standardize(rgb, values, 0);
        return new Planes(values);
    }

    private static byte[] file(String text, String path) {
        String data = text;
        if (text.startsWith("data:")) {
            int mark =
                    text.substring(0, Math.min(text.length(), LONGEST_PREFIX)).indexOf(BASE64_MARK);
            if (mark < 0) {
                throw refuse(path, "is a data URL that is not in base64");
            }
            data = text.substring(mark + BASE64_MARK.length());
        } else if (text.startsWith("http:") || text.startsWith("https:")) {
            throw refuse(path, "is a link; send the image itself, in base64");
        }
        try {
            return decode(data);
        } catch (IllegalArgumentException _) {
            // As mail and many a command wrap it.
            try {
                return decode(WHITE_SPACE.matcher(data).replaceAll(""));
            } catch (IllegalArgumentException _) {
                throw refuse(path, "is not valid base64");
            }
        }
    }

    private static byte[] decode(String base64) {
        return Base64.getDecoder().decode(base64.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    protected void fill(OnnxModel.Feed feed, List<Planes> batch) {
        FloatBuffer values = feed.floats("pixel_values", batch.size(), 3, transform.size(), transform.size());
        batch.forEach(image -> values.put(image.values()));
    }

    @Override
    protected List<Planes> typical() {
        return List.of(planes(new byte[3 * transform.size() * transform.size()]));
    }

    private static ProblemException refuse(String path, String message) {
        return ProblemException.ofField(ProblemType.INVALID_INPUT, path, message);
    }
}
