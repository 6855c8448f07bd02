package io.diffusionad.testkit;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.random.Philox;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

/** The functions of {@link Philox} are the definition of noise on every device: not one bit may differ. */
public final class GeneratorNoise {
    private GeneratorNoise() {}

    /** @throws AssertionError naming the first element that differs */
    public static void check(Device device) {
        check(device, 9, 7);
        check(device, 37, 41); // more than a task of any device, not in whole blocks
    }

    private static void check(Device device, int height, int width) {
        long seed = 0x1234_5678_9ABC_DEF0L;
        int purpose = 3;
        long[] samples = {0, 5, 1L << 40};
        int channels = 3;
        int pixels = height * width;
        try (Arena arena = device.newArena("noise")) {
            Tensor indices = arena.tensor(DType.INT64, samples.length);
            Transfers.upload(device, indices, samples);
            Tensor y = arena.float32(samples.length, height, width, channels);
            device.ops().gaussianNoise(y, indices, seed, purpose);
            float[] actual = Transfers.toFloats(device, y);
            int[] words = new int[4];
            float[] normals = new float[4];
            for (int i = 0; i < actual.length; i++) {
                int sample = i / (pixels * channels);
                int element = i % channels * pixels + i / channels % pixels;
                Philox.block(words, seed, purpose, samples[sample], element / 4);
                Philox.normals(normals, 0, words);
                if (Float.floatToRawIntBits(normals[element % 4]) != Float.floatToRawIntBits(actual[i])) {
                    throw new AssertionError(
                            "noise at " + i + " is " + actual[i] + ", the generator's " + normals[element % 4]);
                }
            }
        }
    }
}
