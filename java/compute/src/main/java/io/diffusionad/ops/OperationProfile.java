package io.diffusionad.ops;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Calls, time, FLOP and bytes summed by (layer, operation) or by operation. Not thread-safe. */
public final class OperationProfile {
    /**
     * @param nanoseconds 0 where nothing was run
     * @param flop of convolutions, products and attention, a multiply-add being two
     * @param bytes least memory traffic
     */
    public record Entry(String layer, String operation, long calls, long nanoseconds, long flop, long bytes) {
        Entry plus(Entry other) {
            return new Entry(
                    layer,
                    operation,
                    calls + other.calls,
                    nanoseconds + other.nanoseconds,
                    flop + other.flop,
                    bytes + other.bytes);
        }
    }

    private record Key(String layer, String operation) {}

    private final Map<Key, Entry> entries = new LinkedHashMap<>();

    void add(String layer, OperationCall call, long nanoseconds) {
        merge(entries, new Entry(layer, call.name(), 1, nanoseconds, call.flop(), call.bytes()));
    }

    /** By layer and operation, in the order of first calls. */
    public List<Entry> byLayer() {
        return List.copyOf(entries.values());
    }

    /** By operation, the longest time (without times: the most bytes) first. */
    public List<Entry> byOperation() {
        Map<Key, Entry> sums = new LinkedHashMap<>();
        entries.values().forEach(e -> merge(sums, new Entry("", e.operation, e.calls, e.nanoseconds, e.flop, e.bytes)));
        List<Entry> sorted = new ArrayList<>(sums.values());
        sorted.sort(Comparator.comparingLong(Entry::nanoseconds)
                .thenComparingLong(Entry::bytes)
                .reversed());
        return sorted;
    }

    public Entry total() {
        Entry sum = new Entry("", "total", 0, 0, 0, 0);
        for (Entry entry : entries.values()) {
            sum = sum.plus(entry);
        }
        return sum;
    }

    public void clear() {
        entries.clear();
    }

    /** A table for people: calls, milliseconds, share of the time, GFLOP/s and GB/s a line, the total last. */
    public static String table(List<Entry> lines, Entry total) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%-44s %-34s %7s %11s %6s %9s %8s%n",
                "layer",
                "operation",
                "calls",
                "ms",
                "%",
                "GFLOP/s",
                "GB/s"));
        List<Entry> all = new ArrayList<>(lines);
        all.add(total);
        for (Entry e : all) {
            double seconds = e.nanoseconds * 1e-9;
            text.append(String.format(
                    Locale.ROOT,
                    "%-44s %-34s %7d %11.3f %6.1f %9s %8s%n",
                    e.layer,
                    e.operation,
                    e.calls,
                    seconds * 1e3,
                    total.nanoseconds == 0 ? 0 : 100.0 * e.nanoseconds / total.nanoseconds,
                    rate(e.flop, seconds),
                    rate(e.bytes, seconds)));
        }
        return text.toString();
    }

    private static String rate(long count, double seconds) {
        return count == 0 || seconds == 0 ? "-" : String.format(Locale.ROOT, "%.1f", count * 1e-9 / seconds);
    }

    private static void merge(Map<Key, Entry> into, Entry entry) {
        into.merge(new Key(entry.layer, entry.operation), entry, Entry::plus);
    }
}
