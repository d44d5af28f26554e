package io.espalier.training.catalog;

import io.espalier.training.weights.TensorSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Compares the tensors of a file with those that an architecture has, and takes those over. One use each. */
public final class TensorCheck {
    private final Map<String, TensorSource> given;
    private final TreeSet<String> unused;
    private final Map<String, TensorSource> taken = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    /** @param given by the names that the file has, without what all of them begin with */
    public TensorCheck(Map<String, ? extends TensorSource> given) {
        this.given = Map.copyOf(given);
        this.unused = new TreeSet<>(given.keySet());
    }

    /** Takes a tensor under another name; what is wrong with it is said at the end. */
    public void take(String name, String as, long... shape) {
        TensorSource tensor = given.get(name);
        unused.remove(name);
        if (tensor == null) {
            problems.add("The tensor %s %s is missing.".formatted(name, Arrays.toString(shape)));
        } else if (!Arrays.equals(tensor.shape(), shape)) {
            problems.add("The tensor %s has the shape %s; its architecture and configuration want %s."
                    .formatted(name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
        } else {
            for (float value : tensor.values()) {
                if (!Float.isFinite(value)) {
                    problems.add("The tensor %s holds values that are not finite numbers.".formatted(name));
                    break;
                }
            }
            taken.put(as, tensor);
        }
    }

    public void take(String name, long... shape) {
        take(name, name, shape);
    }

    /**
     * Ends the check.
     *
     * @param ignored names of tensors that the architecture may have and that are of no use here, such as other heads
     * @throws ImportRefusedException with all that is missing, of a wrong shape, not finite, or unknown
     */
    public Map<String, TensorSource> taken(Pattern ignored) {
        unused.stream()
                .filter(name -> !ignored.matcher(name).matches())
                .forEach(name -> problems.add("The tensor %s is none of the architecture's.".formatted(name)));
        if (!problems.isEmpty()) {
            throw new ImportRefusedException(problems);
        }
        return taken;
    }
}
