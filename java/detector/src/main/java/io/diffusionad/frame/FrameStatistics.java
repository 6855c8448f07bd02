package io.diffusionad.frame;

import java.util.EnumMap;
import java.util.Map;

/** The {@link FrameFeature}s of one frame. */
public final class FrameStatistics {
    private static final float BLACK = 2.5f / 255;
    private static final float WHITE = 252.5f / 255;
    private static final int LAGS = 8;
    /** Rounding alone differs from a flat picture by less. */
    private static final double FLAT = 1e-9;

    private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

    private final Map<FrameFeature, Double> values;

    private FrameStatistics(Map<FrameFeature, Double> values) {
        this.values = values;
    }

    /**
     * @param image (height, width, 3) in [0, 1], as the networks get it
     * @param residual mean absolute difference between it and its reconstruction
     */
    public static FrameStatistics of(float[] image, int width, int height, double residual) {
        if (image.length != 3 * width * height) {
            throw new IllegalArgumentException(
                    "an image of " + image.length + " values as " + width + "x" + height + "x3");
        }
        double[] sums = new double[3];
        long clipped = 0;
        float[] luma = new float[width * height];
        for (int i = 0; i < luma.length; i++) {
            for (int c = 0; c < 3; c++) {
                float value = image[3 * i + c];
                sums[c] += value;
                clipped += value < BLACK || value > WHITE ? 1 : 0;
                luma[i] += LUMA[c] * value;
            }
        }
        Map<FrameFeature, Double> values = new EnumMap<>(FrameFeature.class);
        values.put(FrameFeature.RED, sums[0] / luma.length);
        values.put(FrameFeature.GREEN, sums[1] / luma.length);
        values.put(FrameFeature.BLUE, sums[2] / luma.length);
        values.put(FrameFeature.CONTRAST, deviation(luma));
        values.put(FrameFeature.SHARPNESS, sharpness(luma, width, height));
        values.put(FrameFeature.COHERENCE, coherence(luma, width, height));
        values.put(FrameFeature.CLIPPED, (double) clipped / image.length);
        values.put(FrameFeature.RESIDUAL, residual);
        return new FrameStatistics(values);
    }

    double get(FrameFeature feature) {
        return values.get(feature);
    }

    private static double deviation(float[] luma) {
        double mean = mean(luma);
        double squares = 0;
        for (float value : luma) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / luma.length);
    }

    private static double coherence(float[] luma, int width, int height) {
        double mean = mean(luma);
        double variance = deviation(luma) * deviation(luma);
        double most = 0;
        for (int lag = 1; lag <= LAGS && variance > FLAT; lag++) {
            most = Math.max(
                    most,
                    Math.max(
                                    covariance(luma, mean, width, height, lag, 0),
                                    covariance(luma, mean, width, height, 0, lag))
                            / variance);
        }
        return most;
    }

    /**
     * Absolute mean product of deviations at two pixels that lie (dx, dy) apart; 0 where the image is too small for
     * any.
     */
    private static double covariance(float[] luma, double mean, int width, int height, int dx, int dy) {
        double sum = 0;
        for (int y = 0; y < height - dy; y++) {
            for (int i = y * width; i < (y + 1) * width - dx; i++) {
                sum += (luma[i] - mean) * (luma[i + dy * width + dx] - mean);
            }
        }
        return Math.abs(sum) / Math.max(1, (long) Math.max(0, width - dx) * Math.max(0, height - dy));
    }

    private static double mean(float[] luma) {
        double sum = 0;
        for (float value : luma) {
            sum += value;
        }
        return sum / luma.length;
    }

    private static double sharpness(float[] luma, int width, int height) {
        double squares = 0;
        for (int y = 1; y < height - 1; y++) {
            for (int x = 1; x < width - 1; x++) {
                int i = y * width + x;
                double laplacian = 4.0 * luma[i] - luma[i - 1] - luma[i + 1] - luma[i - width] - luma[i + width];
                squares += laplacian * laplacian;
            }
        }
        return Math.sqrt(squares / Math.max(1, (width - 2) * (height - 2)));
    }
}
