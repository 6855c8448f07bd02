package io.diffusionad.app.submission;

import io.diffusionad.app.report.HalfTiff;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HalfTiffTest {
    /** IEEE 754 binary16 by its definition. */
    private static double value(int half) {
        int exponent = half >> 10 & 31;
        int fraction = half & 1023;
        double magnitude = exponent == 0
                ? Math.scalb(fraction, -24)
                : exponent == 31
                        ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                        : Math.scalb(1024 + fraction, exponent - 25);
        return half >> 15 == 0 ? magnitude : -magnitude;
    }

    @Test
    void everyHalfIsItselfAndTheMiddleGoesToTheEvenOne() {
        for (int half = 0; half < 0x7C00; half++) {
            double here = value(half);
            double next = half + 1 == 0x7C00 ? 65536 : value(half + 1);
            float middle = (float) ((here + next) / 2);
            int even = (half & 1) == 0 ? half : half + 1;
            assertEquals(half, HalfTiff.toFloat16((float) here) & 0xFFFF, "half " + half);
            assertEquals(half | 0x8000, HalfTiff.toFloat16((float) -here) & 0xFFFF, "half -" + half);
            assertEquals(even, HalfTiff.toFloat16(middle) & 0xFFFF, "above half " + half);
            assertEquals(half, HalfTiff.toFloat16(Math.nextDown(middle)) & 0xFFFF, "below the middle after " + half);
            assertEquals(half + 1, HalfTiff.toFloat16(Math.nextUp(middle)) & 0xFFFF, "above the middle after " + half);
        }
        assertEquals(0x7C00, HalfTiff.toFloat16(Float.POSITIVE_INFINITY));
        assertEquals(0x7C00, HalfTiff.toFloat16(1e30f));
        assertTrue(Double.isNaN(value(HalfTiff.toFloat16(Float.NaN) & 0xFFFF)));
    }

    @Test
    void theFileSaysWhatItHolds() {
        int width = 3;
        int height = 2;
        float[] scores = {0, 0.25f, 1, 0.1f, 6e-8f, 0.999f};
        ByteBuffer tiff =
                ByteBuffer.wrap(HalfTiff.encode(width, height, scores)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0x002A4949, tiff.getInt(0));
        int directory = tiff.getInt(4);
        int entries = tiff.getShort(directory);
        int before = 0;
        int[] tags = new int[400];
        for (int i = 0; i < entries; i++) {
            int at = directory + 2 + 12 * i;
            int tag = tiff.getShort(at) & 0xFFFF;
            assertTrue(tag > before, "tags ascend");
            before = tag;
            assertEquals(1, tiff.getInt(at + 4));
            tags[tag] = tiff.getShort(at + 2) == 3 ? tiff.getShort(at + 8) : tiff.getInt(at + 8);
        }
        assertEquals(0, tiff.getInt(directory + 2 + 12 * entries), "one picture");
        assertEquals(width, tags[256]);
        assertEquals(height, tags[257]);
        assertEquals(16, tags[258]);
        assertEquals(1, tags[259]);
        assertEquals(3, tags[339], "floating point");
        assertEquals(2 * scores.length, tags[279]);
        assertEquals(tiff.limit(), tags[273] + tags[279]);
        for (int i = 0; i < scores.length; i++) {
            assertEquals(
                    scores[i],
                    value(tiff.getShort(tags[273] + 2 * i) & 0xFFFF),
                    Math.max(0x1p-25, scores[i] * 0x1p-11),
                    "pixel " + i);
        }
        assertThrows(IllegalArgumentException.class, () -> HalfTiff.encode(3, 3, scores));
    }
}
