package io.espalier.contracts.task.recommendation;

import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.Hyperparameter;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.TaskDescriptor.BaseModelUse;
import io.espalier.contracts.task.TrainingCost;
import io.espalier.contracts.task.textclassification.TextClassification;
import java.util.List;
import java.util.stream.Stream;

/** Ranks the items of a catalog for a user, for a session, or beside an item, from what users did with items. */
public final class Recommendation {
    public static final String NAME = "recommendation";

    /** The role of users' ids. */
    public static final String USER = "user";
    /** The role of items' ids. */
    public static final String ITEM = "item";
    /** The role of a rating, an amount, a duration. */
    public static final String VALUE = "value";
    /** The role of the moment of an interaction. */
    public static final String TIME = "time";
    /** The role of what an interaction was: a view, a purchase. */
    public static final String TYPE = "type";

    /** The table of what items are. */
    public static final String ITEMS_TABLE = "items";
    /** The role of items' ids in it. */
    public static final String ITEM_ID = "itemId";
    /** The role of all else in it. */
    public static final String ITEM_ATTRIBUTES = "itemAttributes";

    /** The kind of events that {@link Interaction} reads. */
    public static final String INTERACTIONS = "interactions";
    /** The kind of events that {@link NewItem} reads. */
    public static final String ITEMS = "items";
    /** In characters; of users and of items. */
    public static final int LONGEST_ID = 200;

    /** The table of who users are. */
    public static final String USERS_TABLE = "users";
    /** The role of users' ids in it. */
    public static final String USER_ID = "userId";
    /** The role of all else in it. */
    public static final String USER_ATTRIBUTES = "userAttributes";
    /** The table of who is tied to whom. */
    public static final String TIES_TABLE = "ties";
    /** The role of those who follow, trust or befriend. */
    public static final String TIE_FROM = "tieFrom";
    /** The role of those whom they do. */
    public static final String TIE_TO = "tieTo";

    public static final String RECIPE = "recipe";
    public static final String SPLIT = "split";
    public static final String SMALLEST_VALUE = "smallestValue";
    public static final String TYPES = "types";
    public static final String EASE_L2 = "easeL2";
    public static final String EASE_DROPOUT = "easeDropout";
    public static final String NEIGHBOURS = "neighbours";
    public static final String FACTORS = "factors";
    public static final String ALS_L2 = "alsL2";
    public static final String CONFIDENCE = "confidence";
    public static final String ITERATIONS = "iterations";
    public static final String ALS_SHARE = "alsShare";

    private static final List<String> USER_NAMES = List.of(
            "user",
            "user_id",
            "userid",
            "uid",
            "customer",
            "customer_id",
            "customerid",
            "member_id",
            "visitor_id",
            "visitorid",
            "session_id",
            "account_id",
            "reviewerid");

    private static final List<String> ITEM_NAMES = List.of(
            "item",
            "item_id",
            "itemid",
            "iid",
            "product",
            "product_id",
            "productid",
            "article",
            "article_id",
            "sku",
            "movie_id",
            "movieid",
            "book_id",
            "track_id",
            "asin",
            "isbn");

    public static final TaskDescriptor DESCRIPTOR = new TaskDescriptor(
            NAME,
            "Ranks the items of a catalog for a user, for a session of items, or beside an item.",
            BaseModelUse.PROVIDED,
            TextClassification.NAME,
            "ndcgAt10",
            List.of(
                    ColumnRole.named(USER, "Who: the id of a user", true, USER_NAMES),
                    ColumnRole.named(ITEM, "What: the id of an item", true, ITEM_NAMES),
                    ColumnRole.named(
                            VALUE,
                            "How much: a rating, an amount; more is better",
                            false,
                            List.of("value", "rating", "stars", "score", "weight", "quantity", "count", "amount")),
                    ColumnRole.named(
                            TIME,
                            "When: a date, a time, or seconds or milliseconds since 1970",
                            false,
                            List.of("time", "timestamp", "date", "datetime", "ts", "created_at", "event_time", "at")),
                    ColumnRole.named(
                            TYPE,
                            "What it was: a view, a purchase",
                            false,
                            List.of(
                                    "event_type",
                                    "interaction_type",
                                    "action_type",
                                    "behavior_type",
                                    "behaviour_type",
                                    "event_name",
                                    "interaction",
                                    "action",
                                    "behavior",
                                    "behaviour",
                                    "event",
                                    "type")),
                    ColumnRole.key(
                            ITEMS_TABLE,
                            ITEM_ID,
                            "In files about items: the id of an item",
                            Stream.concat(ITEM_NAMES.stream(), Stream.of("id")).toList()),
                    ColumnRole.rest(
                            ITEMS_TABLE,
                            ITEM_ATTRIBUTES,
                            "In files about items: texts, numbers, dates, and categories, several of them with | or ; between"),
                    ColumnRole.key(
                            USERS_TABLE,
                            USER_ID,
                            "In files about users: the id of a user",
                            Stream.concat(USER_NAMES.stream(), Stream.of("id")).toList()),
                    ColumnRole.rest(
                            USERS_TABLE,
                            USER_ATTRIBUTES,
                            "In files about users: texts, numbers, dates, and categories, as of items"),
                    ColumnRole.key(
                            TIES_TABLE,
                            TIE_FROM,
                            "In files of ties: the user who follows, trusts or befriends",
                            Stream.concat(USER_NAMES.stream(), Stream.of("follower", "follower_id", "from", "source"))
                                    .toList()),
                    ColumnRole.key(
                            TIES_TABLE,
                            TIE_TO,
                            "In files of ties: the user who is followed, trusted or befriended",
                            List.of(
                                    "friend",
                                    "friend_id",
                                    "friendid",
                                    "followee",
                                    "followee_id",
                                    "followed",
                                    "followed_id",
                                    "trusted",
                                    "trusted_id",
                                    "to",
                                    "target"))),
            List.of(
                    Hyperparameter.choice(
                            RECIPE,
                            List.of("auto", "popularity", "item-neighbours", "content", "ease", "als", "blend"),
                            "auto",
                            "How items are ranked; auto tries all that fit into memory and takes what is best on validation"),
                    Hyperparameter.choice(
                            SPLIT,
                            List.of("auto", "time", "user", "new-users", "new-items"),
                            "auto",
                            "What is held out: the newest interactions, some of every user's, the newest users, or some items with"
                                    + " attributes; auto is the first of the former three that leaves users to ask for"),
                    Hyperparameter.number(
                            SMALLEST_VALUE, -1e9, 1e9, "none", "Interactions of a smaller value are left out"),
                    Hyperparameter.words(
                            TYPES, "all", "The types of interactions that count; those of others are left out"),
                    Hyperparameter.number(
                            EASE_L2, 1e-3, 1e6, "the best of 100, 200, 300, 400, 800 and 1000", "L2 penalty of EASE"),
                    Hyperparameter.number(
                            EASE_DROPOUT,
                            0,
                            0.999,
                            "the best of 0, 0.5, 0.9 and 0.98; 0 with an L2 penalty of your own",
                            "Share of what users had that EASE does without while it learns; more is better for users of whom"
                                    + " little is known"),
                    Hyperparameter.integer(
                            NEIGHBOURS,
                            1,
                            1000,
                            "the best of 50 and 200; 50 by content",
                            "Neighbours that an item keeps, by users or by content"),
                    Hyperparameter.integer(
                            FACTORS,
                            4,
                            512,
                            "the best of 32 and 64",
                            "Length of the vectors of users and items in ALS"),
                    Hyperparameter.number(ALS_L2, 1e-6, 1e4, "the best of 1 and 10", "L2 penalty of ALS"),
                    Hyperparameter.number(
                            CONFIDENCE, 0, 1e4, "the best of 0 and 3", "Weight of an interaction in ALS, beside 1"),
                    Hyperparameter.integer(ITERATIONS, 1, 200, "15", "Passes of ALS over users and items"),
                    Hyperparameter.number(
                            ALS_SHARE,
                            0,
                            1,
                            "the best of 0.1, 0.2, 0.3 and 0.5",
                            "Share of ALS in a blend; the rest is EASE, or neighbours"),
                    Hyperparameter.integer("seed", 0, Integer.MAX_VALUE, "1", "Seed of all random numbers")),
            """
            {"type": "object", "additionalProperties": false, "minProperties": 1, "properties": {\
            "user": {"type": ["string", "integer"], "description": "A user's id; one that is not known gets what is popular"}, \
            "items": {"type": "array", "items": {"type": ["string", "integer"]}, "description": "What the user did in this session, \
            the newest last; alone it stands for a user who is not known"}, \
            "similar_to": {"type": ["string", "integer"], "description": "An item's id, alone: items like it"}}}""",
            List.of(),
            """
            {"type": "object", "additionalProperties": false, "properties": {\
            "top_k": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 1000, "default": 10, \
            "description": "How many items to answer with, the best first"}, \
            "exclude": {"type": "array", "items": {"type": ["string", "integer"]}, "description": "Items that are not wanted"}, \
            "among": {"type": "array", "items": {"type": ["string", "integer"]}, "description": "The only items that are wanted: a list to be \
            ranked"}, \
            "filter": {"type": "object", "additionalProperties": {"oneOf": [{"type": ["string", "number", "boolean"]}, {"type": "array", \
            "items": {"type": ["string", "number", "boolean"]}}, {"type": "object", "additionalProperties": false, "properties": {\
            "min": {"type": ["number", "string"]}, "max": {"type": ["number", "string"]}, "not": {"type": ["string", "number", "boolean", "array"], "items": {"type": ["string", "number", "boolean"]}}}}]}, \
            "description": "What the items' attributes must be, by column: a value, one of several, a range of numbers or dates, both ends \
            included, or not a value, or any of several"}, \
            "diversity": {"type": "number", "minimum": 0, "maximum": 1, "default": 0, "description": "How much items that are like better ones \
            give way to others"}, \
            "include_seen": {"type": "boolean", "default": false, "description": "Whether items that the user had may come again"}, \
            "reasons": {"type": "boolean", "default": false, "description": "Whether to say which of the user's items speak \
            for each answer"}}}""",
            """
            {"type": "array", "items": {"type": "object", "required": ["item", "score"], "properties": {\
            "item": {"type": "string"}, "score": {"type": "number", "description": "Higher is better; of one request only"}, \
            "because": {"type": "array", "items": {"type": "string"}, "description": "Where reasons were asked for"}}}}""",
            "{\"items\": [\"tent\", \"sleeping-bag\"]}",
            List.of(Interaction.KIND, NewItem.KIND),
            // Some twenty recipes, at a few million interactions a second each.
            new TrainingCost((_, _) -> 20, 400_000));

    private Recommendation() {}
}
