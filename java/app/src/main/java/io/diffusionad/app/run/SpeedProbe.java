package io.diffusionad.app.run;

import io.diffusionad.device.Device;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

/** A quick look at how fast a device is: one typical convolution, for a fraction of a second. */
public final class SpeedProbe {
    private static final int SIZE = 64;
    private static final int CHANNELS = 128;
    private static final double SECONDS = 0.3;
    /** Whole training steps reach about this part of a convolution's speed. */
    private static final double STEP_EFFICIENCY = 0.5;

    private SpeedProbe() {}

    /** FLOP a second that training steps can be expected to reach, within a factor of two or so. */
    public static double trainingFlopPerSecond(Device device, DType activations) {
        try (Arena arena = device.newArena("speed probe")) {
            Tensor x = arena.tensor(activations, 1, SIZE, SIZE, CHANNELS);
            Tensor y = arena.tensor(activations, 1, SIZE, SIZE, CHANNELS);
            Weight w = new Weight("probe", arena.float32(CHANNELS, 3, 3, CHANNELS));
            device.ops().fill(x, 0.5f);
            device.ops().fill(w.value(), 0.01f);
            convolve(device, y, x, w);
            double flop = 2.0 * SIZE * SIZE * CHANNELS * CHANNELS * 9;
            long start = System.nanoTime();
            int calls = 0;
            double seconds;
            do {
                convolve(device, y, x, w);
                calls++;
                seconds = (System.nanoTime() - start) * 1e-9;
            } while (seconds < SECONDS);
            return STEP_EFFICIENCY * flop * calls / seconds;
        }
    }

    private static void convolve(Device device, Tensor y, Tensor x, Weight w) {
        device.ops().conv2dForward(y, x, w, Epilogue.NONE, Conv2d.of(3));
        device.synchronize();
    }
}
