package io.diffusionad.metrics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Exact pixel metrics of any number of pixels in bounded memory. The scores of anomalous pixels, which are few, are
 * sorted; all pixels are only counted against them, as many scores at a time as memory allows, in one pass over the
 * maps each.
 */
final class PixelMetrics {
    private static final int MOST_SCORES = 1 << 22;
    private static final int FEWEST_SCORES = 1 << 14;
    /** Of a score that is counted: key, pixels, two overlaps, totals and four threads' counts. */
    private static final long BYTES_A_SCORE = 80;

    private PixelMetrics() {}

    /** Hears the curve as it is walked. */
    @FunctionalInterface
    interface Listener {
        /** @see PixelCurve#step */
        void step(float score, long normalAbove, long normalAt, AnomalousPixels.Step step);
    }

    /**
     * Walks the exact curve.
     *
     * @param images numbers of the source's images whose pixels count: all that the anomalous pixels are of, and others
     * @param listener or null
     */
    static PixelCurve curve(ScoreMapSource source, int[] images, List<AnomalousPixels> parts, Listener listener) {
        return curve(source, images, parts, listener, scoresAPass());
    }

    static PixelCurve curve(
            ScoreMapSource source, int[] images, List<AnomalousPixels> parts, Listener listener, int scoresAPass) {
        long anomalous = parts.stream().mapToLong(AnomalousPixels::pixels).sum();
        long pixels = IntStream.of(images).mapToLong(source::pixels).sum();
        PixelCurve curve = new PixelCurve(
                anomalous,
                pixels - anomalous,
                parts.stream().mapToLong(AnomalousPixels::regions).sum(),
                parts.stream().mapToLong(AnomalousPixels::defects).sum());
        if (!curve.isDefined()) {
            return curve;
        }
        AnomalousPixels.Steps steps = AnomalousPixels.merged(parts);
        AnomalousPixels.Step[] pass = new AnomalousPixels.Step[(int) Math.min(scoresAPass, anomalous)];
        long bound = Long.MAX_VALUE;
        for (int size = fill(pass, steps); size > 0; size = fill(pass, steps)) {
            int[] keys = new int[size];
            for (int i = 0; i < size; i++) {
                keys[i] = pass[size - 1 - i].key;
            }
            ScoreCounter counter = new ScoreCounter(keys, size);
            counter.count(source, images, bound);
            for (int i = 0; i < size; i++) {
                AnomalousPixels.Step step = pass[i];
                long above = counter.above(size - 1 - i);
                long at = counter.at(size - 1 - i) - step.pixels;
                curve.step(above, at, step.pixels, step.overlap, step.saturated);
                if (listener != null) {
                    listener.step(ScoreKey.score(step.key), above, at, step);
                }
            }
            bound = keys[0];
        }
        return curve;
    }

    private static int fill(AnomalousPixels.Step[] pass, AnomalousPixels.Steps steps) {
        int size = 0;
        while (size < pass.length && (pass[size] = steps.next()) != null) {
            size++;
        }
        return size;
    }

    /** An eighth of the heap, within bounds. */
    private static int scoresAPass() {
        return (int) Math.max(
                FEWEST_SCORES, Math.min(MOST_SCORES, Runtime.getRuntime().maxMemory() / 8 / BYTES_A_SCORE));
    }
}
