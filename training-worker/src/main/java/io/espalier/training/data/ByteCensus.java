package io.espalier.training.data;

/**
 * Counts what tells encodings apart, in one pass over all bytes: a guess from the beginning of a file would be wrong
 * where the first character beyond ASCII comes late. Not thread-safe.
 */
final class ByteCensus {
    long bytes;
    long nulsAtEven;
    long nulsAtOdd;
    long high;
    long validUtf8Sequences;
    long invalidUtf8Sequences;
    /** Pairs of a lead byte and a trail byte of GBK. */
    long gbkPairs;
    /** Pairs in the rows of GB 2312 that hold punctuation and the 3,755 most frequent characters. */
    long commonGbkPairs;

    long invalidGbk;
    /** Bytes of 0x80 to 0x9f: letters of Windows-1252, nothing in Latin-1. */
    long c1;
    /** High bytes that Western European text uses. */
    long westernLetters;

    private int utf8Pending;
    private int utf8Lowest;
    private int utf8Highest;
    private int gbkLead;
    /** Digits of a four-byte character of GB 18030 that are still to come, lead byte not counted. */
    private int gb18030Pending;

    void add(byte[] buffer, int length) {
        for (int i = 0; i < length; i++) {
            add(buffer[i] & 0xff);
        }
    }

    private void add(int b) {
        if (b == 0) {
            if ((bytes & 1) == 0) {
                nulsAtEven++;
            } else {
                nulsAtOdd++;
            }
        }
        bytes++;
        if (b >= 0x80) {
            high++;
            if (b < 0xa0) {
                c1++;
            }
            if (isWestern(b)) {
                westernLetters++;
            }
        }
        utf8(b);
        gbk(b);
    }

    /** Ends the pass: a character that is cut off at the end is invalid. */
    void end() {
        if (utf8Pending > 0) {
            invalidUtf8Sequences++;
            utf8Pending = 0;
        }
        if (gbkLead != 0 || gb18030Pending > 0) {
            invalidGbk++;
            gbkLead = 0;
        }
    }

    /** Table 3-7 of the Unicode Standard: well-formed UTF-8 byte sequences. */
    private void utf8(int b) {
        if (utf8Pending > 0) {
            if (b >= utf8Lowest && b <= utf8Highest) {
                utf8Lowest = 0x80;
                utf8Highest = 0xbf;
                if (--utf8Pending == 0) {
                    validUtf8Sequences++;
                }
                return;
            }
            invalidUtf8Sequences++;
            utf8Pending = 0;
        }
        if (b < 0x80) {
            return;
        }
        utf8Lowest = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
        utf8Highest = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
        if (b >= 0xc2 && b <= 0xdf) {
            utf8Pending = 1;
        } else if (b >= 0xe0 && b <= 0xef) {
            utf8Pending = 2;
        } else if (b >= 0xf0 && b <= 0xf4) {
            utf8Pending = 3;
        } else {
            invalidUtf8Sequences++;
        }
    }

    private void gbk(int b) {
        if (gb18030Pending > 0) {
            gb18030Pending--;
            return;
        }
        if (gbkLead != 0) {
            int lead = gbkLead;
            gbkLead = 0;
            if (b >= 0x30 && b <= 0x39) {
                gb18030Pending = 2;
            } else if (b >= 0x40 && b <= 0xfe && b != 0x7f) {
                gbkPairs++;
                if (b >= 0xa1 && (lead >= 0xb0 && lead <= 0xd7 || lead >= 0xa1 && lead <= 0xa3)) {
                    commonGbkPairs++;
                }
            } else {
                invalidGbk++;
            }
        } else if (b >= 0x81 && b <= 0xfe) {
            gbkLead = b;
        } else if (b >= 0x80) {
            invalidGbk++;
        }
    }

    private static boolean isWestern(int b) {
        return b >= 0xc0 && b != 0xd0 && b != 0xd7 && b != 0xde && b != 0xf0 && b != 0xf7 && b < 0xfd
                || b == 0x80
                || b == 0x85
                || b >= 0x91 && b <= 0x97
                || b == 0x9c
                || b == 0xa0
                || b == 0xa1
                || b == 0xa3
                || b == 0xa7
                || b == 0xa9
                || b == 0xab
                || b == 0xae
                || b == 0xb0
                || b == 0xb4
                || b == 0xb7
                || b == 0xbb
                || b == 0xbf;
    }
}
