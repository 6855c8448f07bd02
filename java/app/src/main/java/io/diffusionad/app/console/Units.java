package io.diffusionad.app.console;

import java.util.Locale;

/** Quantities as people read them. */
public final class Units {
    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final String[] DECIMAL = {"", "k", "M", "G", "T", "P", "E"};

    private Units() {}

    /** "1.5 GiB" */
    public static String bytes(double bytes) {
        return scaled(bytes, 1024, BINARY, " ");
    }

    /** "557 GFLOP" */
    public static String flop(double flop) {
        return scaled(flop, 1000, DECIMAL, " ") + "FLOP";
    }

    /** "131.7 M" */
    public static String count(double count) {
        return count < 10_000 ? String.format(Locale.ROOT, "%.0f", count) : scaled(count, 1000, DECIMAL, " ");
    }

    /** "3 min 20 s"; fractions only below ten seconds. */
    public static String duration(double seconds) {
        if (!(seconds < 1e9)) {
            return "unknown time";
        }
        if (seconds < 10) {
            return format(seconds) + " s";
        }
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        if (whole < 3600) {
            return whole / 60 + " min" + (whole % 60 == 0 ? "" : " " + whole % 60 + " s");
        }
        long minutes = Math.round(seconds / 60);
        return minutes / 60 + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
    }

    /** "3.2 steps/s", or "12 s a step" when slower than one a second. */
    public static String rate(double perSecond, String unit) {
        if (perSecond > 0 && perSecond < 1) {
            return format(1 / perSecond) + (unit.matches("[aeiou].*") ? " s an " : " s a ") + unit;
        }
        return format(perSecond) + " " + unit + "s/s";
    }

    private static String scaled(double value, double base, String[] names, String separator) {
        int index = 0;
        double rest = value;
        while (rest >= base && index < names.length - 1) {
            rest /= base;
            index++;
        }
        String number = index == 0 ? String.format(Locale.ROOT, "%.0f", rest) : format(rest);
        return number + separator + names[index];
    }

    /** Three significant digits or so: 0.12, 3.4, 57, 820. */
    private static String format(double value) {
        return String.format(Locale.ROOT, value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f", value);
    }
}
