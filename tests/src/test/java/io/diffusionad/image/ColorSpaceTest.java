package io.diffusionad.image;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.fail;

class ColorSpaceTest {
    private final Recording recording = Recording.open("colorspaces");

    private RgbImage values() {
        byte[] bytes = recording.tensor("values").toBytes();
        return new RgbImage(bytes.length / 3, 1, bytes);
    }

    @ParameterizedTest
    @EnumSource
    void bothDirectionsEqualOpenCv(ColorSpace space) {
        compare(
                space + " from RGB",
                recording.tensor(space + ".from_rgb").toBytes(),
                space.fromRgb(values()).rgb());
        compare(
                space + " to RGB",
                recording.tensor(space + ".to_rgb").toBytes(),
                space.toRgb(values()).rgb());
    }

    private static void compare(String what, byte[] expected, byte[] actual) {
        int different = 0;
        for (int i = 0; i < expected.length; i++) {
            int error = Math.abs((expected[i] & 0xFF) - (actual[i] & 0xFF));
            if (!(error <= 1)) {
                fail(what + ", pixel " + i / 3 + " channel " + i % 3 + ": " + (actual[i] & 0xFF) + ", recorded "
                        + (expected[i] & 0xFF));
            }
            different += error;
        }
        if (!(different <= 0.001 * expected.length)) {
            fail(what + ": " + different + " of " + expected.length + " values differ by one");
        }
    }

    @Test
    void greyEqualsOpenCv() {
        assertArrayEquals(
                recording.tensor("grey").toBytes(),
                ColorConversion.grey(values()).grey());
    }

    @ParameterizedTest
    @EnumSource
    void greysKeepTheirLevel(ColorSpace space) {
        byte[] rgb = new byte[256 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.max(32, i / 3); // the 33-step table of L*u*v* is coarse in the dark, in OpenCV too
        }
        byte[] back = space.toRgb(space.fromRgb(new RgbImage(256, 1, rgb))).rgb();
        for (int i = 0; i < rgb.length; i++) {
            if (!(Math.abs((rgb[i] & 0xFF) - (back[i] & 0xFF)) <= 4)) {
                fail(space + ": grey " + i / 3 + " came back as " + (back[i] & 0xFF));
            }
        }
    }
}
