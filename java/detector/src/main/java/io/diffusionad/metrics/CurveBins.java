package io.diffusionad.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores at which a curve is cut into pieces: evenly by anomalous pixels found, and more densely the fewer false
 * positives there are.
 */
final class CurveBins {
    private static final int MOST = 512;
    private static final int FEWEST = 64;
    private static final int MOST_COUNTS = 1 << 21;

    private final double anomalousPixels;
    private final double normalPixels;
    private final int parts;
    private float[] edges;
    private int size;
    private double found;
    private double wrong;
    private int nextFound = 1;
    private int nextWrong = 1;

    private CurveBins(double anomalousPixels, double normalPixels, int parts) {
        this.anomalousPixels = anomalousPixels;
        this.normalPixels = normalPixels;
        this.parts = parts;
        this.edges = new float[2 * parts + 2];
    }

    /** @return null for so many images that even the fewest pieces of each take too much memory */
    static CurveBins of(int images, List<AnomalousPixels> pixels, ScoreMapSource source, int[] chosen) {
        int pieces = Math.min(MOST, MOST_COUNTS / images);
        if (pieces < FEWEST) {
            return null;
        }
        double anomalous = pixels.stream().mapToLong(AnomalousPixels::pixels).sum();
        return new CurveBins(
                anomalous, IntStream.of(chosen).mapToLong(source::pixels).sum() - anomalous, pieces / 2);
    }

    /** @see PixelMetrics.Listener */
    void step(float score, long normalAbove, long normalAt, long anomalousAt) {
        found += anomalousAt;
        wrong += normalAbove + normalAt;
        boolean cut = false;
        for (; nextFound <= parts && found >= anomalousPixels * nextFound / parts; nextFound++) {
            cut = true;
        }
        for (; nextWrong <= parts && wrong >= normalPixels * nextWrong / parts * nextWrong / parts; nextWrong++) {
            cut = true;
        }
        if (cut && (size == 0 || score < edges[size - 1])) {
            edges[size++] = score;
        }
    }

    /** Pieces, the one below the last edge included. */
    int size() {
        return size + 1;
    }

    /** The piece that a score lies in: 0 for the highest. Edges belong to the piece above them. */
    int of(float score) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (score >= edges[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.copyOf(edges, size));
    }
}
