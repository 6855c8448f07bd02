package io.diffusionad.app.demodata;

import io.diffusionad.image.RgbImage;

import java.util.random.RandomGenerator;

/**
 * Turns a painted canvas into a photograph: uneven light and vignetting, exposure and white balance that vary from shot
 * to shot, a slightly soft lens, sensor grain. The same camera photographs a scene with and without its defect, so the
 * two differ by the defect alone.
 */
final class Camera {
    private final double lightX;
    private final double lightY;
    private final double exposure;
    private final double red;
    private final double blue;
    private final double vignette;
    private final int grainSeed;

    Camera(RandomGenerator random) {
        double angle = SceneRandom.between(random, 0, 2 * Math.PI);
        double slope = SceneRandom.between(random, 0.02, 0.10);
        lightX = slope * Math.cos(angle);
        lightY = slope * Math.sin(angle);
        exposure = SceneRandom.between(random, 0.95, 1.05);
        red = SceneRandom.between(random, 0.985, 1.015);
        blue = SceneRandom.between(random, 0.985, 1.015);
        vignette = SceneRandom.between(random, 0.03, 0.10);
        grainSeed = random.nextInt();
    }

    /**
     * (256, 256, 3) in [0, 255], before grain: what differs here by more than the eye's threshold is what a mask marks.
     */
    float[] expose(Canvas canvas) {
        int size = Canvas.SIZE;
        float[] half = new float[size * size * 3];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                double u = 2.0 * x / size - 1;
                double v = 2.0 * y / size - 1;
                double light = exposure * (1 + lightX * u + lightY * v) * (1 - vignette * (u * u + v * v) / 2);
                for (int c = 0; c < 3; c++) {
                    int i = 3 * (2 * y * Canvas.SIDE + 2 * x) + c;
                    double value = (canvas.rgb[i]
                                    + canvas.rgb[i + 3]
                                    + canvas.rgb[i + 3 * Canvas.SIDE]
                                    + canvas.rgb[i + 3 * Canvas.SIDE + 3])
                            / 4;
                    double balance = c == 0 ? red : c == 2 ? blue : 1;
                    half[3 * (y * size + x) + c] = (float) (255 * light * balance * value);
                }
            }
        }
        return soften(half, size);
    }

    /** The lens: each pixel with a little of its four neighbours. */
    private static float[] soften(float[] in, int size) {
        float[] out = new float[in.length];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int left = x > 0 ? -3 : 0;
                int right = x < size - 1 ? 3 : 0;
                int up = y > 0 ? -3 * size : 0;
                int down = y < size - 1 ? 3 * size : 0;
                for (int c = 0; c < 3; c++) {
                    int i = 3 * (y * size + x) + c;
                    out[i] = 0.6f * in[i] + 0.1f * (in[i + left] + in[i + right] + in[i + up] + in[i + down]);
                }
            }
        }
        return out;
    }

    /** Adds grain, stronger in the light, and rounds to bytes. */
    RgbImage develop(float[] exposed) {
        byte[] rgb = new byte[exposed.length];
        for (int i = 0; i < rgb.length; i++) {
            int pixel = i / 3;
            int x = pixel % Canvas.SIZE;
            int y = pixel / Canvas.SIZE;
            double shared = Noise.grain(x, y, grainSeed);
            double own = Noise.grain(x, y, grainSeed + 7 + i % 3);
            double strength = 0.8 + 0.9 * Math.sqrt(Math.max(0, exposed[i]) / 255);
            rgb[i] = (byte) Math.max(0, Math.min(255, Math.round(exposed[i] + strength * (0.8 * shared + 0.6 * own))));
        }
        return new RgbImage(Canvas.SIZE, Canvas.SIZE, rgb);
    }
}
