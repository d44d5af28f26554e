package io.espalier.training.catalog;

import io.espalier.modelkit.task.textclassification.TextTransform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a {@code tokenizer.json} that a tenant brings: WordPiece or BPE, of parts that are known here. Patterns of its own are not
 * among them: a worker that serves many tenants would run them.
 */
public final class TokenizerImport {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> NOTHING = Set.of();
    private static final Set<String> BYTE_LEVEL = Set.of("add_prefix_space", "trim_offsets", "use_regex");

    // Each kind of part with all that it says: what else a part said could make it another kind to who reads it by its
    // members.
    private static final Map<String, Set<String>> NORMALIZERS = Map.of(
            "BertNormalizer", Set.of("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"),
            "Lowercase", NOTHING,
            "StripAccents", NOTHING,
            "Strip", Set.of("strip_left", "strip_right"),
            "NFC", NOTHING,
            "NFD", NOTHING,
            "NFKC", NOTHING,
            "NFKD", NOTHING);
    private static final Map<String, Set<String>> PRE_TOKENIZERS = Map.of(
            "BertPreTokenizer", NOTHING,
            "ByteLevel", BYTE_LEVEL,
            "Whitespace", NOTHING,
            "WhitespaceSplit", NOTHING,
            "Punctuation", Set.of("behavior"),
            "Digits", Set.of("individual_digits"));
    private static final Map<String, Set<String>> POST_PROCESSORS = Map.of(
            "BertProcessing", Set.of("sep", "cls"),
            "RobertaProcessing", Set.of("sep", "cls", "trim_offsets", "add_prefix_space"),
            "TemplateProcessing", Set.of("single", "pair", "special_tokens"),
            "ByteLevel", BYTE_LEVEL);
    private static final Map<String, Set<String>> DECODERS = Map.of(
            "WordPiece", Set.of("prefix", "cleanup"),
            "ByteLevel", BYTE_LEVEL,
            "BPEDecoder", Set.of("suffix"));

    private static final Map<String, Set<String>> MODELS = Map.of(
            "WordPiece", Set.of("unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"),
            "BPE",
                    Set.of(
                            "dropout",
                            "unk_token",
                            "continuing_subword_prefix",
                            "end_of_word_suffix",
                            "fuse_unk",
                            "byte_fallback",
                            "ignore_merges",
                            "vocab",
                            "merges"));

    /** Of which a training must be able to keep the text's, {@code maxLength} being 8 at least. */
    private static final int MOST_SPECIAL_TOKENS = 4;

    /** WordPiece tries every part of a word. */
    private static final int LONGEST_WORD = 1000;

    private static final int LONGEST_PREFIX = 8;
    private static final int MOST_ADDED_TOKENS = 1000;
    private static final int MOST_PARTS = 10;
    private static final int MOST_PROBLEMS = 1000;
    private static final int SHORTEST_LENGTH = 8;

    private final JsonNode tokenizer;
    private final int vocabulary;
    private final List<String> problems = new ArrayList<>();

    private TokenizerImport(JsonNode tokenizer, int vocabulary) {
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
    }

    /**
     * Checks a tokenizer and writes it without the padding and the length that it may have: those are the model's business.
     *
     * @param vocabulary how many tokens the encoder knows
     * @throws ImportRefusedException with all that is wrong
     */
    public static void read(Path given, int vocabulary, Path written) throws IOException {
        ObjectNode tokenizer = (ObjectNode) ImportFolder.object(given);
        var check = new TokenizerImport(tokenizer, vocabulary);
        check.model();
        check.parts("normalizer", "normalizers", NORMALIZERS);
        check.parts("pre_tokenizer", "pretokenizers", PRE_TOKENIZERS);
        check.parts("post_processor", "processors", POST_PROCESSORS);
        check.parts("decoder", "decoders", DECODERS);
        check.addedTokens();
        check.specialTokens(tokenizer.path("post_processor"));
        // Only now: the library ends the process over some tokenizers that nobody should have let through to it.
        check.end();
        tokenizer.putNull("truncation");
        tokenizer.putNull("padding");
        Files.write(written, JSON.writeValueAsBytes(tokenizer));
        check.encode(written);
        check.end();
    }

    private void end() {
        if (!problems.isEmpty()) {
            throw new ImportRefusedException(problems);
        }
    }

    private void problem(String text, Object... arguments) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add("The tokenizer " + text.formatted(arguments));
        }
    }

    private void model() {
        JsonNode model = tokenizer.path("model");
        // Files of 2020 do not say the type.
        String type = model.path("type").asString(model.has("merges") ? "BPE" : "WordPiece");
        if (!MODELS.containsKey(type)) {
            problem("is of the type %s; WordPiece and BPE can be imported.", type);
            return;
        }
        members("model", model, MODELS.get(type));
        affix(model, "continuing_subword_prefix", type.equals("BPE") ? 0 : LONGEST_PREFIX);
        affix(model, "end_of_word_suffix", 0);
        JsonNode longest = model.path("max_input_chars_per_word");
        if (!longest.isMissingNode()
                && !(longest.isInt() && longest.intValue() > 0 && longest.intValue() <= LONGEST_WORD)) {
            problem("says max_input_chars_per_word %s; 1 to %d are known.", longest, LONGEST_WORD);
        }
        JsonNode dropout = model.path("dropout");
        if (!dropout.isMissingNode() && !dropout.isNull() && !(dropout.isNumber() && dropout.doubleValue() == 0)) {
            problem("has a dropout: it would read the same text differently each time.");
        }
        JsonNode tokens = model.path("vocab");
        if (!tokens.isObject() || tokens.isEmpty()) {
            problem("has no vocabulary.");
            return;
        }
        tokens.properties().forEach(token -> number(token.getKey(), token.getValue()));
        if (type.equals("WordPiece") && !tokens.has(model.path("unk_token").asString(""))) {
            problem("has no token for what it does not know: its unk_token is %s.", model.path("unk_token"));
        }
    }

    /** Longer ones than those in use cost time with each word, and the library cuts inside them. */
    private void affix(JsonNode model, String name, int longest) {
        JsonNode affix = model.path(name);
        if (!affix.isMissingNode()
                && !affix.isNull()
                && !(affix.isString() && affix.stringValue().length() <= longest)) {
            problem("says %s %s; up to %d characters are known.", name, affix, longest);
        }
    }

    private void number(String token, JsonNode number) {
        if (!isToken(number)) {
            problem("gives \"%s\" the number %s; the configuration's vocab_size is %d.", token, number, vocabulary);
        }
    }

    private boolean isToken(JsonNode number) {
        return number.isInt() && number.intValue() >= 0 && number.intValue() < vocabulary;
    }

    private void addedTokens() {
        JsonNode added = tokenizer.path("added_tokens");
        if (added.size() > MOST_ADDED_TOKENS) {
            problem("adds %,d tokens; up to %,d are known.", added.size(), MOST_ADDED_TOKENS);
            return;
        }
        for (JsonNode token : added) {
            number(token.path("content").asString(""), token.path("id"));
        }
    }

    /** @param list what a sequence calls its parts */
    private void parts(String name, String list, Map<String, Set<String>> known) {
        JsonNode part = tokenizer.path(name);
        if (part.path("type").asString("").equals("Sequence")) {
            members(name, part, Set.of(list));
            if (part.path(list).size() > MOST_PARTS) {
                problem(
                        "has a %s of %d parts; up to %d are known.",
                        name, part.path(list).size(), MOST_PARTS);
                return;
            }
            part.path(list).forEach(inner -> part(name, inner, known));
        } else if (!part.isMissingNode() && !part.isNull()) {
            part(name, part, known);
        }
    }

    private void part(String name, JsonNode part, Map<String, Set<String>> known) {
        Set<String> members = known.get(part.path("type").asString(""));
        if (members == null) {
            problem(
                    "has the %s %s; known are %s.",
                    name,
                    part.path("type").asString("of no type"),
                    String.join(", ", known.keySet().stream().sorted().toList()));
        } else {
            members(name, part, members);
        }
    }

    private void members(String name, JsonNode part, Set<String> known) {
        part.propertyNames().stream()
                .filter(member -> !member.equals("type") && !known.contains(member))
                .forEach(member ->
                        problem("says %s of the %s %s, which has no such thing.", member, name, part.path("type")));
    }

    /** What is put around a text, once: the library trusts a template to name what it has. */
    private void specialTokens(JsonNode processor) {
        List<JsonNode> templates = new ArrayList<>();
        boolean sequence = processor.path("type").asString("").equals("Sequence");
        (sequence ? processor.path("processors") : JSON.createArrayNode().add(processor)).forEach(part -> {
            if (!part.path("type").asString("").equals("ByteLevel")) {
                templates.add(part);
            }
        });
        if (templates.size() > 1) {
            problem("has %d post_processors that add special tokens; one is known.", templates.size());
        }
        templates.stream()
                .filter(part -> part.path("type").asString("").equals("TemplateProcessing"))
                .forEach(this::template);
    }

    private void template(JsonNode processor) {
        JsonNode single = processor.path("single");
        int texts = 0;
        for (JsonNode piece : single) {
            JsonNode special = piece.path("SpecialToken").path("id");
            if (piece.path("Sequence").path("id").asString("").equals("A")) {
                texts++;
            } else if (!isSpecial(processor.path("special_tokens").path(special.asString("")))) {
                problem("puts %s around a text, which is no special token of its post_processor.", piece);
            }
        }
        if (texts != 1 || single.size() > MOST_SPECIAL_TOKENS + 1) {
            problem("reads a text as %s; once, with up to %d special tokens, is known.", single, MOST_SPECIAL_TOKENS);
        }
    }

    /** One token with its number. */
    private boolean isSpecial(JsonNode token) {
        return token.path("ids").size() == 1
                && isToken(token.path("ids").path(0))
                && token.path("tokens").size() == 1
                && token.path("tokens").path(0).isString();
    }

    /** Some texts, as trainings and answers will read them. */
    private void encode(Path file) {
        try (TextTransform transform = TextTransform.open(file, SHORTEST_LENGTH)) {
            for (String text : List.of("", "a", "Where is my parcel? ".repeat(SHORTEST_LENGTH))) {
                String problem = problemWith(transform.encode(text));
                if (problem != null) {
                    problem("reads \"%s\" as %s", text.strip(), problem);
                    return;
                }
            }
        } catch (RuntimeException e) {
            problem("cannot be opened: %s", String.valueOf(e.getMessage()));
        }
    }

    private @Nullable String problemWith(long[] ids) {
        if (ids.length == 0) {
            return "nothing: a text needs a special token at its start, which the post_processor puts there.";
        }
        return ids.length > SHORTEST_LENGTH || Arrays.stream(ids).anyMatch(id -> id < 0 || id >= vocabulary)
                ? "%s; the configuration's vocab_size is %d.".formatted(Arrays.toString(ids), vocabulary)
                : null;
    }
}
