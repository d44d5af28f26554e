package io.espalier.modelkit.task.recommendation;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The users of a model's training, by their ids. Thread-safe; the arena must outlive it. */
final class KnownUsers {
    private static final int[] NONE = {};

    private final IdTable ids;
    private final Histories histories;
    private final @Nullable Histories peers;

    KnownUsers(Path bundle, Arena arena) {
        this.ids = IdTable.open(bundle.resolve(RecommendationKit.USERS_ENTRY), arena);
        this.histories = Histories.open(bundle.resolve(RecommendationKit.HISTORIES_ENTRY), arena);
        Path tied = bundle.resolve(RecommendationKit.PEERS_ENTRY);
        this.peers = Files.exists(tied) ? Histories.open(tied, arena) : null;
    }

    /** What a user had, the newest last; none of one who is not known. */
    int[] history(String id) {
        int user = ids.find(id);
        return user < 0 ? NONE : history(user);
    }

    /** @param user a position */
    int[] history(int user) {
        return histories.of(user);
    }

    /** Positions of users who speak for one of whom nothing but a profile or ties are known. */
    int[] peers(String id) {
        int user = peers == null ? -1 : ids.find(id);
        return peers == null || user < 0 ? NONE : peers.of(user);
    }
}
