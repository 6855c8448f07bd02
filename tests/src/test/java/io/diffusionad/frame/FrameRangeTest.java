package io.diffusionad.frame;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FrameRangeTest {
    private static final int WIDTH = 20;
    private static final int HEIGHT = 12;

    @Test
    void statisticsAreThoseOfTheirDefinitions() {
        float[] image = new float[3 * WIDTH * HEIGHT];
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            image[3 * i] = i % 2 == 0 ? 0f : 1f; // columns, red alone
            image[3 * i + 1] = 0.25f;
            image[3 * i + 2] = 0.5f;
        }
        FrameStatistics frame = FrameStatistics.of(image, WIDTH, HEIGHT, 0.125);
        assertEquals(0.5, frame.get(FrameFeature.RED), 1e-7);
        assertEquals(0.25, frame.get(FrameFeature.GREEN), 1e-7);
        assertEquals(0.5, frame.get(FrameFeature.BLUE), 1e-7);
        assertEquals(0.299 / 2, frame.get(FrameFeature.CONTRAST), 1e-6);
        assertEquals(2 * 0.299, frame.get(FrameFeature.SHARPNESS), 1e-6);
        assertEquals(1, frame.get(FrameFeature.COHERENCE), 1e-6);
        assertEquals(1.0 / 3, frame.get(FrameFeature.CLIPPED), 1e-7);
        assertEquals(0.125, frame.get(FrameFeature.RESIDUAL));
        assertThrows(IllegalArgumentException.class, () -> FrameStatistics.of(image, WIDTH, HEIGHT + 1, 0));
    }

    @Test
    void blindCamerasAreInvalidAndPartsAreNot() {
        List<FrameStatistics> good = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            good.add(statistics(part(i, 1, 0), 0.02));
        }
        FrameRange range = FrameRange.measure(good);
        for (int i = 100; i < 160; i++) {
            assertTrue(range.complaint(statistics(part(i, 1, 0), 0.02)).isEmpty(), "a good part");
            assertTrue(range.complaint(statistics(part(i, 1, 5), 0.025)).isEmpty(), "a part with a defect");
            assertTrue(range.complaint(statistics(part(i, 0.8, 0), 0.03)).isEmpty(), "a part in less light");
        }
        assertInvalid(range, flat(0f), "level 0.00");
        assertInvalid(range, flat(1f), "level 1.00");
        assertInvalid(range, flat(0.45f), "contrast 0.00");
        float[] noise = new float[3 * WIDTH * HEIGHT];
        Random random = new Random(5);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = random.nextFloat();
        }
        assertInvalid(range, noise, "sharpness");
        float[] ramp = new float[noise.length];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = 0.3f + 0.3f * (i / 3 % WIDTH) / WIDTH;
        }
        assertInvalid(range, ramp, "sharpness");
        assertTrue(range.complaint(statistics(part(1, 1, 0), 0.2))
                .orElseThrow()
                .contains("reconstruction error 0.200, expected 0.00 to 0.06"));
    }

    /** Noise of the part's own level and contrast: its sharpness may be that of a fine texture. */
    @Test
    void noiseIsKnownByItsPixelsThatHaveNothingToDoWithEachOther() {
        Random random = new Random(9);
        float[] noise = new float[3 * 64 * 64];
        float[] weave = new float[noise.length];
        for (int i = 0; i < 64 * 64; i++) {
            float grain = 0.5f + 0.07f * (float) random.nextGaussian();
            float thread = 0.5f
                    + 0.09f * (float) Math.sin(2.3 * (i % 64)) * (float) Math.cos(1.9 * (i / 64))
                    + 0.02f * (float) random.nextGaussian();
            java.util.Arrays.fill(noise, 3 * i, 3 * i + 3, grain);
            java.util.Arrays.fill(weave, 3 * i, 3 * i + 3, thread);
        }
        FrameStatistics texture = FrameStatistics.of(weave, 64, 64, 0.02);
        FrameRange range = FrameRange.measure(List.of(texture));
        assertTrue(range.complaint(texture).isEmpty());
        String complaint =
                range.complaint(FrameStatistics.of(noise, 64, 64, 0.02)).orElse("none");
        assertTrue(complaint.startsWith("no picture of this part: correlation of near pixels 0.0"), complaint);
        assertEquals(0, FrameStatistics.of(flat(0.3f), WIDTH, HEIGHT, 0).get(FrameFeature.COHERENCE));
        assertEquals(0, FrameStatistics.of(new float[] {0, 0, 0}, 1, 1, 0).get(FrameFeature.COHERENCE));
    }

    @Test
    void oneOddFrameAmongManyWidensNothing() {
        List<FrameStatistics> good = new ArrayList<>(List.of(statistics(flat(0f), 0.5)));
        for (int i = 0; i < 40; i++) {
            good.add(statistics(part(i, 1, 0), 0.02));
        }
        assertInvalid(FrameRange.measure(good), flat(0f), "level");
    }

    @Test
    void rangesTravelByKey() {
        FrameRange range =
                FrameRange.measure(List.of(statistics(part(1, 1, 0), Double.NaN), statistics(part(2, 1, 0), 0.02)));
        assertEquals(range, FrameRange.of(range.byKey()));
        assertEquals(8, range.byKey().size());
        assertEquals(0.06, range.byKey().get("residual")[1], 1e-12);
        assertTrue(FrameRange.measure(List.of()).isAny());
        assertTrue(FrameRange.ANY.complaint(statistics(flat(0f), 1)).isEmpty());
        assertThrows(IllegalArgumentException.class, () -> FrameRange.of(Map.of("smell", new double[] {0, 1})));
        assertThrows(IllegalArgumentException.class, () -> FrameRange.of(Map.of("red", new double[] {1, 0})));
        assertThrows(IllegalArgumentException.class, () -> FrameRange.of(Map.of("red", new double[] {Double.NaN, 0})));
    }

    private static void assertInvalid(FrameRange range, float[] frame, String reason) {
        String complaint = range.complaint(statistics(frame, 0.02)).orElse("none");
        assertTrue(complaint.startsWith("no picture of this part: ") && complaint.contains(reason), complaint);
    }

    private static FrameStatistics statistics(float[] image, double residual) {
        return FrameStatistics.of(image, WIDTH, HEIGHT, residual);
    }

    private static float[] flat(float level) {
        float[] image = new float[3 * WIDTH * HEIGHT];
        java.util.Arrays.fill(image, level);
        return image;
    }

    /** Stripes four pixels wide with some noise, and a bright spot. */
    private static float[] part(long seed, double light, int spot) {
        Random random = new Random(seed);
        double level = 0.33 + 0.05 * random.nextDouble();
        float[] image = new float[3 * WIDTH * HEIGHT];
        for (int i = 0; i < image.length; i++) {
            int x = i / 3 % WIDTH;
            int y = i / 3 / WIDTH;
            double value = x > 3 && x < 3 + spot && y > 3 && y < 3 + spot
                    ? 0.9
                    : level + (x / 4 % 2 == 0 ? 0 : 0.2) + 0.02 * random.nextGaussian();
            image[i] = (float) Math.min(1, light * value);
        }
        return image;
    }
}
