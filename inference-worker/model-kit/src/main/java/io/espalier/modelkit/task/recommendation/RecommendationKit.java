package io.espalier.modelkit.task.recommendation;

import com.google.auto.service.AutoService;
import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.RecentEvents;
import io.espalier.modelkit.task.Scorer;
import io.espalier.modelkit.task.TaskKit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A user, a session or an item in, items of the catalog out. A bundle holds {@code model.onnx}, and the ids of the items and users
 * and what each user had: a known user is a list of items like any other.
 */
@AutoService(TaskKit.class)
public final class RecommendationKit implements TaskKit {
    /** An {@link IdTable} of the catalog, in the order of the graph's scores. */
    public static final String ITEMS_ENTRY = "items.ids";
    /** An {@link IdTable}. */
    public static final String USERS_ENTRY = "users.ids";
    /** The {@link Histories} of the users, in their order. */
    public static final String HISTORIES_ENTRY = "histories.bin";

    /** {@link ItemAttributes}; absent where nothing is said of any item, as are those that follow. */
    public static final String ATTRIBUTES_ENTRY = "attributes.jsonl";
    /** {@link ItemVectors}. */
    public static final String VECTORS_ENTRY = "vectors.bin";
    /** {@link Histories} of items in the place of users: of each item that nobody had, those most like it that somebody had. */
    public static final String LIKES_ENTRY = "likes.bin";

    /**
     * {@link Histories} of users in the place of items: of each user without a history, users with one who are tied to them, or like
     * them. Absent where nothing is said of users.
     */
    public static final String PEERS_ENTRY = "peers.bin";

    /** {@link Features}, as JSON: how what is said of an item becomes numbers. The files of a {@link SentenceEncoder} are beside it if it needs one. */
    public static final String FEATURES_ENTRY = "features.json";
    /** Float32, little-endian, [1 + width of the features, width]: what is added to the numbers' products with the rest to make an item's vector, then the rest. */
    public static final String DIRECTIONS_ENTRY = "directions.bin";

    /** Items that nobody had are scored as so many like them. */
    public static final int LIKES = 30;

    /** Of the graph: int64 [batch, length]. */
    public static final String ITEMS = "items";
    /** Of the graph: float32 [batch, length]; 0 where there is no item. */
    public static final String WEIGHTS = "weights";
    /** Of the graph: float32 [batch, catalog]. */
    public static final String SCORES = "scores";

    @Override
    public TaskDescriptor descriptor() {
        return Recommendation.DESCRIPTOR;
    }

    @Override
    public Predictor open(Path bundle, ModelManifest manifest, int threads) {
        return predictor(bundle, InteractionRule.of(manifest.lineage().hyperparameters()));
    }

    /** The encoder of texts is loaded once, if at all, and has no copies by threads. */
    @Override
    public long heldBytes(Path bundle, long bytes) {
        Path encoder = bundle.resolve(SentenceEncoder.GRAPH_ENTRY);
        return Files.exists(encoder) ? bytes - encoder.toFile().length() * 3 / 4 : bytes;
    }

    @Override
    public Optional<RecentEvents> recentEvents() {
        return Optional.of(new RecommendationEvents());
    }

    @Override
    public Scorer scorer(Path bundle, ModelManifest manifest) {
        return scorer(bundle);
    }

    /** As {@link #open}, of a bundle that follows nothing yet: the files say everything. */
    public static Predictor predictor(Path bundle) {
        return predictor(bundle, InteractionRule.ANY);
    }

    private static Predictor predictor(Path bundle, InteractionRule counted) {
        return new RecommendationPredictor(
                bundle, OnnxModel.open(bundle.resolve(ModelManifest.MODEL_ENTRY), 1), counted);
    }

    /** As the one for a manifest. */
    public static Scorer scorer(Path bundle) {
        return new RecommendationScorer(bundle);
    }
}
