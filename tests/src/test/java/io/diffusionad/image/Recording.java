package io.diffusionad.image;

import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

/** A recording among the test resources, and comparisons with its subsampled results. */
public final class Recording {
    /** Results keep every fifth row and column. */
    public static final int STEP = 5;

    private final SafeTensors file;

    private Recording(SafeTensors file) {
        this.file = file;
    }

    public static Recording open(String name) {
        try {
            return new Recording(SafeTensors.read(Path.of(Recording.class
                    .getResource("/imaging/" + name + ".safetensors")
                    .toURI())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public String metadata(String key) {
        return file.metadata().get(key);
    }

    public HostTensor tensor(String name) {
        return file.tensor(name);
    }

    public RgbImage rgb(String name) {
        HostTensor tensor = file.tensor(name);
        return new RgbImage(tensor.shape()[1], tensor.shape()[0], tensor.toBytes());
    }

    public GreyImage grey(String name) {
        HostTensor tensor = file.tensor(name);
        return new GreyImage(tensor.shape()[1], tensor.shape()[0], tensor.toBytes());
    }

    /**
     * Every recorded byte must be within {@code tolerance} of the image's, and at least {@code exactShare} of them
     * equal.
     */
    public void assertBytes(String name, byte[] actual, int width, int channels, int tolerance, double exactShare) {
        HostTensor tensor = file.tensor(name);
        byte[] expected = tensor.toBytes();
        int columns = tensor.shape()[1];
        int equal = 0;
        for (int i = 0; i < expected.length; i++) {
            int c = i % channels;
            int column = i / channels % columns;
            int row = i / channels / columns;
            int value = actual[(row * STEP * width + column * STEP) * channels + c] & 0xFF;
            int error = Math.abs(value - (expected[i] & 0xFF));
            if (!(error <= tolerance)) {
                fail(name + " at row " + row * STEP + ", column " + column * STEP + ", channel " + c + ": " + value
                        + ", recorded " + (expected[i] & 0xFF));
            }
            equal += error == 0 ? 1 : 0;
        }
        if (!(equal >= exactShare * expected.length)) {
            fail(name + ": only " + equal + " of " + expected.length + " values are equal");
        }
    }

    public void assertBytes(String name, RgbImage actual) {
        assertBytes(name, actual.rgb(), actual.width(), 3, 0, 1);
    }

    /** Every recorded value must be within {@code bound} of the map's. */
    public void assertValues(String name, float[] actual, int width, double bound) {
        HostTensor tensor = file.tensor(name);
        float[] expected = tensor.toFloats();
        int columns = tensor.shape()[1];
        for (int i = 0; i < expected.length; i++) {
            float value = actual[i / columns * STEP * width + i % columns * STEP];
            assertEquals(expected[i], value, bound, name + " at " + i);
        }
    }
}
