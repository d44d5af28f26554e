package io.espalier.training.data;

import java.lang.Character.UnicodeScript;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Guesses the language of a text: by its script, and for the Latin and Cyrillic scripts by the most frequent function words
 * of each language. Meant for a profile of many texts, where one wrong guess does not matter.
 */
final class Languages {
    private static final int READ_CHARACTERS = 200;
    private static final Map<UnicodeScript, String> BY_SCRIPT = Map.ofEntries(
            Map.entry(UnicodeScript.HAN, "zh"),
            Map.entry(UnicodeScript.HIRAGANA, "ja"),
            Map.entry(UnicodeScript.KATAKANA, "ja"),
            Map.entry(UnicodeScript.HANGUL, "ko"),
            Map.entry(UnicodeScript.ARABIC, "ar"),
            Map.entry(UnicodeScript.HEBREW, "he"),
            Map.entry(UnicodeScript.GREEK, "el"),
            Map.entry(UnicodeScript.THAI, "th"),
            Map.entry(UnicodeScript.DEVANAGARI, "hi"),
            Map.entry(UnicodeScript.BENGALI, "bn"),
            Map.entry(UnicodeScript.TAMIL, "ta"),
            Map.entry(UnicodeScript.CYRILLIC, "ru"));

    /**
     * Function words that tell related languages apart. A word that several share counts for each, except that English keeps
     * its own: its short words are those of half of Europe.
     */
    private static final Map<String, List<String>> BY_WORD = words(Map.ofEntries(
            Map.entry(
                    "en",
                    "the and is of to in that it for you with this was not have are my on be but what how can do when your from an at i if why there as so than its a no do me or an we he she they will would just get all very good"),
            Map.entry(
                    "de",
                    "der die das und ist nicht ich ein eine zu mit den auf für es im von dem sie auch wie aber wir war mein kann bei habe noch nach"),
            Map.entry(
                    "fr",
                    "le la les et est de des un une je ne pas que pour dans qui vous avec sur ce mon ma il du au plus mais c'est j'ai très nous"),
            Map.entry(
                    "es",
                    "el la los las y es de que en un una no por para con mi se lo del me como pero más su muy está hay cuando yo esta"),
            Map.entry(
                    "it",
                    "il lo gli la le e è di che un una non per con mi si del della sono ho ma come più in al questo molto nel"),
            Map.entry(
                    "pt",
                    "o a os as e é de que um uma não para com meu minha se do da em no na mas como mais eu você muito por está"),
            Map.entry(
                    "nl",
                    "de het een en is niet ik van op te dat die met voor zijn maar ook mijn er aan wat hoe kan heb als bij naar deze"),
            Map.entry(
                    "sv",
                    "och det att är en ett jag inte på som för med den har av till om men min var kan vad så när"),
            Map.entry("da", "og det at er en et jeg ikke på som for med den har af til om men min var kan hvad så når"),
            Map.entry(
                    "pl", "i w nie na się jest to z że do jak co mi mam po ale czy moje mój za od dla już tak jestem"),
            Map.entry(
                    "tr", "ve bir bu için çok da de ne ben değil ile var mi mı gibi daha ama nasıl kadar benim olarak"),
            Map.entry("id", "yang dan di ini itu tidak untuk dengan saya dari ada pada bisa ke anda sudah akan apa"),
            Map.entry("vi", "và là của không có tôi cho được này một các với những đã người khi"),
            Map.entry("ru", "и в не на что я с как это по но у к из за мы вы мне он она было так все"),
            Map.entry("uk", "і в не на що я з як це та але у до за ми ви мені він вона було так всі є ще")));

    private Languages() {}

    /** @return an ISO 639-1 code; null where nothing points to a language */
    static @Nullable String detect(String text) {
        String read = text.length() > READ_CHARACTERS ? text.substring(0, READ_CHARACTERS) : text;
        Map<UnicodeScript, Integer> scripts = new EnumMap<>(UnicodeScript.class);
        int ascii = 0;
        for (int i = 0; i < read.length(); ) {
            int letter = read.codePointAt(i);
            i += Character.charCount(letter);
            if (letter < 0x80) {
                ascii += Character.isLetter(letter) ? 1 : 0;
            } else if (Character.isLetter(letter)) {
                scripts.merge(UnicodeScript.of(letter), 1, Integer::sum);
            }
        }
        if (ascii > 0) {
            scripts.merge(UnicodeScript.LATIN, ascii, Integer::sum);
        }
        int letters = scripts.values().stream().mapToInt(Integer::intValue).sum();
        if (letters == 0) {
            return null;
        }
        // Japanese mixes Han with kana; a tenth of kana is never Chinese.
        int kana = scripts.getOrDefault(UnicodeScript.HIRAGANA, 0) + scripts.getOrDefault(UnicodeScript.KATAKANA, 0);
        if (kana * 10 >= letters) {
            return "ja";
        }
        UnicodeScript main = scripts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        String byWords = main == UnicodeScript.LATIN || main == UnicodeScript.CYRILLIC ? byWords(read) : null;
        return byWords != null ? byWords : BY_SCRIPT.get(main);
    }

    private static @Nullable String byWords(String text) {
        Map<String, Integer> hits = new HashMap<>();
        String lower = text.toLowerCase(Locale.ROOT);
        int start = 0;
        for (int i = 0; i <= lower.length(); i++) {
            boolean inWord = i < lower.length() && (Character.isLetter(lower.charAt(i)) || lower.charAt(i) == '\'');
            if (!inWord) {
                if (i > start) {
                    BY_WORD.getOrDefault(lower.substring(start, i), List.of())
                            .forEach(language -> hits.merge(language, 1, Integer::sum));
                }
                start = i + 1;
            }
        }
        return hits.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue()
                        .thenComparing(
                                Map.Entry.<String, Integer>comparingByKey().reversed()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private static Map<String, List<String>> words(Map<String, String> byLanguage) {
        Map<String, List<String>> languages = new HashMap<>();
        byLanguage.forEach((language, list) -> {
            List<String> english = List.of(byLanguage.getOrDefault("en", "").split(" "));
            for (String word : list.split(" ")) {
                if (!language.equals("en") && english.contains(word)) {
                    continue;
                }
                languages.merge(
                        word,
                        List.of(language),
                        (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
            }
        });
        return Map.copyOf(languages);
    }
}
