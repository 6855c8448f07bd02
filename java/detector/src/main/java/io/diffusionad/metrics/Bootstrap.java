package io.diffusionad.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Percentile bootstrap over images: what metrics would have been on other test sets of as many good and as many
 * anomalous images. Good and anomalous images are drawn apart, with replacement, from a fixed seed.
 */
final class Bootstrap {
    /** Of either kind; with fewer, drawing again and again from them tells nothing. */
    static final int FEWEST_IMAGES = 5;

    static final String TOO_FEW =
            "intervals of areas need at least " + FEWEST_IMAGES + " good and " + FEWEST_IMAGES + " anomalous images";
    private static final long SEED = 20_190_616;

    private final int[] good;
    private final int[] anomalous;

    Bootstrap(List<ImageTruth> images) {
        int[] all = new int[images.size()];
        int goods = 0;
        int others = 0;
        for (int i = 0; i < all.length; i++) {
            all[images.get(i).anomalous() ? all.length - ++others : goods++] = i;
        }
        this.good = Arrays.copyOf(all, goods);
        this.anomalous = Arrays.copyOfRange(all, goods, all.length);
    }

    boolean isPossible() {
        return good.length >= FEWEST_IMAGES && anomalous.length >= FEWEST_IMAGES;
    }

    /** How often each image was drawn in replicate {@code number}; a pure function of the number. */
    int[] draw(int number) {
        SplittableRandom random = new SplittableRandom(SEED + number);
        int[] drawn = new int[good.length + anomalous.length];
        for (int[] stratum : new int[][] {good, anomalous}) {
            for (int i = 0; i < stratum.length; i++) {
                drawn[stratum[random.nextInt(stratum.length)]]++;
            }
        }
        return drawn;
    }

    /**
     * The middle {@link Interval#CONFIDENCE} of replicates.
     *
     * @param shift added to both ends, which stay in [0, 1]
     * @return null when all replicates are equal, e.g. all 1: no interval follows from that
     */
    static Interval interval(double[] replicates, double shift) {
        double[] sorted = replicates.clone();
        Arrays.sort(sorted);
        int tail = (int) Math.floor((1 - Interval.CONFIDENCE) / 2 * sorted.length);
        if (sorted[0] == sorted[sorted.length - 1]) {
            return null;
        }
        return new Interval(limited(sorted[tail] + shift), limited(sorted[sorted.length - 1 - tail] + shift));
    }

    private static double limited(double value) {
        return Math.max(0, Math.min(1, value));
    }
}
