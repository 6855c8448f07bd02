package io.diffusionad.evaluate;

import io.diffusionad.frame.FrameRange;
import io.diffusionad.frame.FrameStatistics;
import io.diffusionad.metrics.DecisionThreshold;
import io.diffusionad.settings.Calibration;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Places the decision thresholds where few good images lie above them. Good images that were not trained on are the
 * ones to ask; where there are fewer than {@link Calibration#ENOUGH_HELD_OUT}, those that were trained on are asked
 * too: they may raise the threshold, and promise nothing.
 */
public final class Calibrator {
    /** Of the pixels of good images, this share stays out of every mask. */
    private static final double PIXEL_QUANTILE = 0.9995;

    private Calibrator() {}

    /**
     * @param heldOut scored images that were not trained on; those without anomalies count
     * @param trained scored good images that were trained on; asked for only when needed
     * @param rate of false alarms that is wished for, between 0 and 1
     * @return {@link Calibration#NONE} when there is no good image at all
     */
    public static Calibration calibrate(List<ScoredSample> heldOut, Supplier<List<ScoredSample>> trained, double rate) {
        List<ScoredSample> unseen = good(heldOut);
        List<ScoredSample> seen = unseen.size() < Calibration.ENOUGH_HELD_OUT ? good(trained.get()) : List.of();
        List<ScoredSample> all = Stream.concat(unseen.stream(), seen.stream()).toList();
        if (all.isEmpty()) {
            return Calibration.NONE;
        }
        return Calibration.of(scores(unseen), scores(seen), pixelQuantile(all), rate);
    }

    /**
     * What frames of the part look like.
     *
     * @param scored samples with residuals; those without anomalies count
     * @param more frames whose residual is unknown (NaN)
     */
    public static FrameRange frames(List<ScoredSample> scored, List<FrameStatistics> more) {
        List<FrameStatistics> frames =
                new ArrayList<>(good(scored).stream().map(ScoredSample::frame).toList());
        frames.addAll(more);
        return FrameRange.measure(frames);
    }

    private static List<ScoredSample> good(List<ScoredSample> samples) {
        return samples.stream().filter(sample -> !sample.anomalous()).toList();
    }

    private static List<Double> scores(List<ScoredSample> samples) {
        return samples.stream().map(ScoredSample::score).toList();
    }

    /**
     * The pixel quantile as {@link DecisionThreshold#calibrate} interpolates it, of the largest pixels alone: all of
     * them would be a quarter of a gigabyte.
     */
    private static double pixelQuantile(List<ScoredSample> samples) {
        long pixels = samples.stream()
                .mapToLong(sample -> sample.scored().scoreMap().length)
                .sum();
        double position = PIXEL_QUANTILE * (pixels - 1);
        int kept = Math.toIntExact(pixels - (long) Math.floor(position));
        PriorityQueue<Float> largest = new PriorityQueue<>(kept + 1);
        for (ScoredSample sample : samples) {
            for (float score : sample.scored().scoreMap()) {
                if (largest.size() < kept) {
                    largest.add(score);
                } else if (score > largest.peek()) {
                    largest.poll();
                    largest.add(score);
                }
            }
        }
        double below = largest.poll();
        double above = largest.isEmpty() ? below : largest.peek();
        return below + (position - Math.floor(position)) * (above - below);
    }
}
