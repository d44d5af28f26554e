package io.espalier.contracts.task.recommendation;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Moments as tables and callers write them. */
public final class Times {
    /** Seconds until the year 5138; as milliseconds these are in 1973, before anybody kept such logs. */
    private static final double MOST_SECONDS = 1e11;
    /** Milliseconds until the year 5138, and likewise. */
    private static final double MOST_MILLIS = 1e14;

    private static final double MOST_MICROS = 1e17;

    private static final Pattern FOUR_DIGITS = Pattern.compile("\\d{4}-.*");
    /** As databases write an offset, which is no ISO 8601. */
    private static final Pattern ZERO_BY_NAME = Pattern.compile("(T\\S*)T(UTC|GMT)$");

    private static final Pattern WITHOUT_COLON = Pattern.compile("(T[\\d:.]*)T?([+-]\\d{2}):?(\\d{2})$");

    private Times() {}

    /**
     * Reads a date, a date and time with or without an offset, or a count of seconds, milliseconds or microseconds since 1970.
     *
     * @return milliseconds since 1970, in UTC where no offset says otherwise; null where it is none of these
     */
    public static @Nullable Long parse(String text) {
        char first = text.charAt(0);
        if (!Character.isDigit(first) && first != '-' && first != '+') {
            return null;
        }
        try {
            return ofNumber(Double.parseDouble(text));
        } catch (NumberFormatException _) {
            return ofDate(text.replace('/', '-').replace(' ', 'T'));
        }
    }

    private static @Nullable Long ofNumber(double number) {
        double size = Math.abs(number);
        if (size <= MOST_SECONDS) {
            return Math.round(number * 1000);
        }
        return size <= MOST_MILLIS
                ? Long.valueOf(Math.round(number))
                : size <= MOST_MICROS ? Math.round(number / 1000) : null;
    }

    private static @Nullable Long ofDate(String text) {
        if (!FOUR_DIGITS.matcher(text).matches()) {
            return null; // What is far away is a mistake, and too large for a database's times.
        }
        try {
            if (text.indexOf('T') < 0) {
                return LocalDate.parse(text)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant()
                        .toEpochMilli();
            }
            String time = ZERO_BY_NAME.matcher(text).replaceFirst("$1Z");
            time = WITHOUT_COLON.matcher(time).replaceFirst("$1$2:$3");
            boolean offset =
                    time.endsWith("Z") || time.lastIndexOf('+') > 0 || time.lastIndexOf('-') > time.indexOf('T');
            return offset
                    ? OffsetDateTime.parse(time).toInstant().toEpochMilli()
                    : LocalDateTime.parse(time).toInstant(ZoneOffset.UTC).toEpochMilli();
        } catch (DateTimeException _) {
            return null;
        }
    }
}
