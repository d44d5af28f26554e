package io.espalier.training.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a file's bytes become characters. What cannot be decoded becomes U+FFFD, which the scan reports by row and column.
 *
 * @param bom bytes of the byte order mark that the file begins with
 */
record TextEncoding(String name, Charset charset, int bom) {
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
    private static final Charset GB18030 = Charset.forName("GB18030");

    /** @param head the first bytes of the file, at least a few lines of them */
    static TextEncoding detect(byte[] head, ByteCensus census) {
        if (startsWith(head, 0xef, 0xbb, 0xbf)) {
            return new TextEncoding("UTF-8", StandardCharsets.UTF_8, 3);
        }
        if (startsWith(head, 0xff, 0xfe)) {
            return new TextEncoding("UTF-16LE", StandardCharsets.UTF_16LE, 2);
        }
        if (startsWith(head, 0xfe, 0xff)) {
            return new TextEncoding("UTF-16BE", StandardCharsets.UTF_16BE, 2);
        }
        if (looksLikeUtf16(head, census, census.nulsAtOdd, census.nulsAtEven, StandardCharsets.UTF_16LE)) {
            return new TextEncoding("UTF-16LE", StandardCharsets.UTF_16LE, 0);
        }
        if (looksLikeUtf16(head, census, census.nulsAtEven, census.nulsAtOdd, StandardCharsets.UTF_16BE)) {
            return new TextEncoding("UTF-16BE", StandardCharsets.UTF_16BE, 0);
        }
        // A few broken characters do not make a file another encoding's: UTF-8 rarely comes about by chance.
        boolean utf8 = census.invalidUtf8Sequences == 0 || census.validUtf8Sequences >= 4 * census.invalidUtf8Sequences;
        if (utf8) {
            return new TextEncoding("UTF-8", StandardCharsets.UTF_8, 0);
        }
        if (census.gbkPairs > 0
                && census.commonGbkPairs * 10 >= census.gbkPairs * 6
                && census.invalidGbk * 20 <= census.gbkPairs) {
            return new TextEncoding("GB18030", GB18030, 0);
        }
        if (census.westernLetters * 2 >= census.high) {
            return new TextEncoding(census.c1 == 0 ? "ISO-8859-1" : "windows-1252", WINDOWS_1252, 0);
        }
        return new TextEncoding("UTF-8", StandardCharsets.UTF_8, 0);
    }

    /** The characters after the byte order mark; the caller closes the reader. */
    Reader open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        in.skipNBytes(bom);
        var decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        return new BufferedReader(new InputStreamReader(in, decoder), 1 << 16);
    }

    /**
     * The line ends and delimiters of UTF-16 are ASCII, so that one half of their bytes is NUL, always on the same side;
     * that keeps texts in any script apart from text with a stray NUL.
     */
    private static boolean looksLikeUtf16(
            byte[] head, ByteCensus census, long nulsWhereExpected, long nulsElsewhere, Charset charset) {
        if (nulsWhereExpected < 3 || nulsWhereExpected < 20 * nulsElsewhere || nulsWhereExpected * 50 < census.bytes) {
            return false;
        }
        String text = new String(head, charset);
        long plain = text.chars().filter(c -> c == '\n' || c == '\r').count();
        return plain > 0 || nulsWhereExpected * 10 >= census.bytes * 4;
    }

    private static boolean startsWith(byte[] head, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (i >= head.length || (head[i] & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
