package io.diffusionad.image;

import org.junit.jupiter.api.Test;

import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

class ResizeTest {
    private final Recording recording = Recording.open("resize");

    @Test
    void colourShrinkingIsBitExact() {
        recording.assertBytes("0.dst", Resize.bilinear(recording.rgb("0.src"), 256, 256));
    }

    @Test
    void colourGrowingIsBitExact() {
        recording.assertBytes("2.dst", Resize.bilinear(recording.rgb("2.src"), 256, 256));
    }

    @Test
    void greyIsBitExact() {
        GreyImage resized = Resize.bilinear(recording.grey("2.grey"), 256, 256);
        recording.assertBytes("2.grey_dst", resized.grey(), 256, 1, 0, 1);
    }

    @Test
    void halvingAveragesTwoByTwo() {
        byte[] grey = new byte[6 * 4];
        new Random(3).nextBytes(grey);
        GreyImage half = Resize.bilinear(new GreyImage(6, 4, grey), 3, 2);
        for (int y = 0; y < 2; y++) {
            for (int x = 0; x < 3; x++) {
                int sum = 0;
                for (int k = 0; k < 4; k++) {
                    sum += grey[(2 * y + k / 2) * 6 + 2 * x + k % 2] & 0xFF;
                }
                assertEquals((sum + 2) / 4, half.value(x, y));
            }
        }
    }

    @Test
    void aConstantImageStaysConstantAtAnySize() {
        for (int[] size : new int[][] {{1, 1}, {1, 7}, {13, 2}, {64, 65}}) {
            byte[] grey = new byte[17 * 9];
            java.util.Arrays.fill(grey, (byte) 201);
            byte[] expected = new byte[size[0] * size[1]];
            java.util.Arrays.fill(expected, (byte) 201);
            assertArrayEquals(
                    expected,
                    Resize.bilinear(new GreyImage(17, 9, grey), size[0], size[1])
                            .grey());
        }
    }

    @Test
    void theSameSizeIsTheSameImage() {
        RgbImage image = RgbImage.black(5, 3);
        assertSame(image, Resize.bilinear(image, 5, 3));
        assertThrows(IllegalArgumentException.class, () -> Resize.bilinear(image, 0, 3));
    }
}
