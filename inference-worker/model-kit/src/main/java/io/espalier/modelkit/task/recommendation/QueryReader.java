package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.recommendation.Query.Voice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the inputs of one request, against what is known at its moment. */
final class QueryReader {
    static final int USUAL_TOP_K = 10;
    private static final int MOST_TOP_K = 1000;
    private static final int MOST_GIVEN = 1000;
    private static final int[] NONE = {};

    private static final String USER = "user";
    private static final String ITEMS = "items";
    private static final String SIMILAR_TO = "similar_to";
    private static final String TOP_K = "top_k";
    private static final String EXCLUDE = "exclude";
    private static final String INCLUDE_SEEN = "include_seen";
    private static final String REASONS = "reasons";
    private static final String AMONG = "among";
    private static final String FILTER = "filter";
    private static final String DIVERSITY = "diversity";

    private final Catalog catalog;
    private final KnownUsers users;
    private final RecentInteractions recent;
    private final InteractionRule counted;
    private final Parameters parameters;

    QueryReader(
            Catalog catalog,
            KnownUsers users,
            RecentInteractions recent,
            InteractionRule counted,
            Parameters parameters) {
        this.catalog = catalog;
        this.users = users;
        this.recent = recent;
        this.counted = counted;
        this.parameters = parameters;
    }

    /** @param path how the request names the input */
    Query read(JsonNode input, String path) {
        parameters.requireKnown(List.of(TOP_K, EXCLUDE, AMONG, FILTER, INCLUDE_SEEN, DIVERSITY, REASONS));
        int topK = Objects.requireNonNullElse(
                parameters.count(TOP_K, MOST_TOP_K, "for " + USUAL_TOP_K + " items"), USUAL_TOP_K);
        boolean includeSeen = parameters.flag(INCLUDE_SEEN);
        JsonNode exclude = parameters.value(EXCLUDE);
        int[] excluded = exclude == null ? NONE : known(ids(exclude, parameters.prefix() + EXCLUDE));
        int[] items = items(input, path);
        int[] hidden = includeSeen && !input.has(SIMILAR_TO)
                ? excluded
                : IntStream.concat(Arrays.stream(items), Arrays.stream(excluded))
                        .toArray();
        int[] newest = Arrays.copyOfRange(items, Math.max(0, items.length - Query.MOST_ITEMS), items.length);
        return new Query(
                catalog,
                newest,
                Voice.of(catalog, newest),
                items.length == 0 && input.has(USER)
                        ? users.peers(input.get(USER).asString())
                        : NONE,
                hidden,
                wanted(),
                topK,
                diversity(),
                parameters.flag(REASONS));
    }

    private @Nullable BitSet wanted() {
        JsonNode among = parameters.value(AMONG);
        JsonNode filter = parameters.value(FILTER);
        if (among == null && filter == null) {
            return null;
        }
        BitSet wanted = new BitSet(catalog.size());
        if (among == null) {
            wanted.set(0, catalog.size());
        } else {
            Arrays.stream(known(ids(among, parameters.prefix() + AMONG))).forEach(wanted::set);
        }
        if (filter != null) {
            if (!catalog.hasAttributes()) {
                throw parameters.invalid(
                        FILTER, "needs a model that knows what items are: train it with a file of items");
            }
            new ItemFilter(catalog, parameters, FILTER).retain(filter, wanted);
        }
        return wanted;
    }

    private double diversity() {
        JsonNode value = parameters.value(DIVERSITY);
        if (value == null) {
            return 0;
        }
        if (!value.isNumber() || value.doubleValue() < 0 || value.doubleValue() > 1) {
            throw parameters.invalid(DIVERSITY, "must be a number from 0 to 1");
        }
        if (value.doubleValue() > 0 && !catalog.hasVectors()) {
            throw parameters.invalid(
                    DIVERSITY, "needs a model that knows what items are: train it with a file of items");
        }
        return value.doubleValue();
    }

    private int[] items(JsonNode input, String path) {
        if (!input.isObject() || input.isEmpty()) {
            throw refuse(path, "must be an object with user, items or similar_to");
        }
        for (String field : input.propertyNames()) {
            if (!Set.of(USER, ITEMS, SIMILAR_TO).contains(field)) {
                throw refuse(
                        path + "." + FieldError.shortened(field), "is not known; known are user, items and similar_to");
            }
        }
        if (input.has(SIMILAR_TO)) {
            if (input.size() > 1) {
                throw refuse(path + "." + SIMILAR_TO, "stands alone: leave user and items out");
            }
            String id = id(input.get(SIMILAR_TO), path + "." + SIMILAR_TO);
            int item = catalog.find(id);
            if (item < 0) {
                throw refuse(path + "." + SIMILAR_TO, "is no item of the catalog");
            }
            return new int[] {item};
        }
        int[] had = input.has(USER) ? history(id(input.get(USER), path + "." + USER)) : NONE;
        return input.has(ITEMS) ? followedBy(had, known(ids(input.get(ITEMS), path + "." + ITEMS))) : had;
    }

    /** What a user had when the model was trained, and since. */
    private int[] history(String id) {
        return followedBy(users.history(id), known(recent.of(id, counted)));
    }

    /** What comes again counts once, where it comes last. */
    private static int[] followedBy(int[] items, int[] newer) {
        if (newer.length == 0) {
            return items;
        }
        int[] sorted = newer.clone();
        Arrays.sort(sorted);
        return IntStream.concat(
                        Arrays.stream(items).filter(item -> Arrays.binarySearch(sorted, item) < 0),
                        Arrays.stream(newer))
                .toArray();
    }

    /** Those of the ids that are in the catalog, each once: a session may hold items that are newer than the model. */
    private int[] known(List<String> ids) {
        return ids.stream()
                .distinct()
                .mapToInt(catalog::find)
                .filter(item -> item >= 0)
                .toArray();
    }

    private static List<String> ids(JsonNode list, String path) {
        if (!list.isArray()) {
            throw refuse(path, "must be a list of ids");
        }
        if (list.size() > MOST_GIVEN) {
            throw ProblemException.ofField(
                    ProblemType.INPUT_TOO_LONG, path, "holds more than %,d ids".formatted(MOST_GIVEN));
        }
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            ids.add(id(list.get(i), path + "[" + i + "]"));
        }
        return ids;
    }

    /** A whole number is an id too, as tables have them. */
    private static String id(JsonNode value, String path) {
        if (!value.isString() && !value.isIntegralNumber()) {
            throw refuse(path, "must be an id: a text or a whole number");
        }
        return value.asString();
    }

    private static ProblemException refuse(String path, String message) {
        return ProblemException.ofField(ProblemType.INVALID_INPUT, path, message);
    }
}
