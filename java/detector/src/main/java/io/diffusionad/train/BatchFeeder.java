package io.diffusionad.train;

import io.diffusionad.data.TrainingSample;
import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.Ops;
import io.diffusionad.random.Philox;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * Turns samples into the inputs of a step: copies them to the device through buffers kept from step to step, and draws
 * timesteps and noise, each a pure function of (seed, sample number).
 */
final class BatchFeeder {
    private final Device device;
    private final Workspace workspace;
    private final Ops ops;
    private final TrainingSettings settings;
    private final int timesteps;
    private ByteBuffer imageBuffer;
    private ByteBuffer maskBuffer;

    /** @param timesteps T of the schedule */
    BatchFeeder(Workspace workspace, Ops ops, TrainingSettings settings, int timesteps) {
        this.device = workspace.device();
        this.workspace = workspace;
        this.ops = ops;
        this.settings = settings;
        this.timesteps = timesteps;
    }

    /** @param first number of the first sample; the tensors lie in the workspace's main arena */
    StepInputs feed(List<TrainingSample> samples, long first) {
        int n = samples.size();
        int height = samples.get(0).height();
        int width = samples.get(0).width();
        Tensor images = workspace.main().float32(n, height, width, 3);
        Tensor masks = workspace.main().float32(n, height, width, 1);
        imageBuffer = bufferFor(imageBuffer, images);
        maskBuffer = bufferFor(maskBuffer, masks);
        FloatBuffer imageFloats = imageBuffer.asFloatBuffer();
        FloatBuffer maskFloats = maskBuffer.asFloatBuffer();
        boolean[] anomalous = new boolean[n];
        long[] tSmall = new long[n];
        long[] tBig = new long[n];
        int[] words = new int[4];
        for (int i = 0; i < n; i++) {
            TrainingSample sample = samples.get(i);
            if (sample.height() != height || sample.width() != width) {
                throw new InvalidInputException("samples of one batch differ in size: " + width + "x" + height + " and "
                        + sample.width() + "x" + sample.height());
            }
            imageFloats.put(sample.image());
            maskFloats.put(sample.mask());
            anomalous[i] = sample.anomalous();
            Philox.block(words, settings.seed(), Purpose.TIMESTEPS.code(), first + i, 0);
            tSmall[i] = below(words[0], settings.timestepSplit());
            tBig[i] = settings.timestepSplit() + below(words[1], timesteps - settings.timestepSplit());
        }
        device.upload(images, imageBuffer);
        device.upload(masks, maskBuffer);
        return new StepInputs(images, masks, anomalous, tSmall, tBig, noise(images, first));
    }

    private Tensor noise(Tensor images, long first) {
        int n = images.dim(0);
        Tensor noise = workspace.main().float32(2 * n, images.dim(1), images.dim(2), images.dim(3));
        try (var scope = workspace.main().scope()) {
            Tensor numbers = workspace.main().tensor(DType.INT64, n);
            long[] values = new long[n];
            for (int i = 0; i < n; i++) {
                values[i] = first + i;
            }
            Transfers.upload(device, numbers, values);
            ops.gaussianNoise(noise.slice(0, n), numbers, settings.seed(), Purpose.NOISE_SMALL.code());
            ops.gaussianNoise(noise.slice(n, 2 * n), numbers, settings.seed(), Purpose.NOISE_BIG.code());
        }
        return noise;
    }

    /** Uniform in [0, range) from 32 random bits. */
    private static long below(int word, int range) {
        return (Integer.toUnsignedLong(word) * range) >>> 32;
    }

    private static ByteBuffer bufferFor(ByteBuffer old, Tensor tensor) {
        return old != null && old.capacity() == tensor.bytes()
                ? old
                : ByteBuffer.allocateDirect(Math.toIntExact(tensor.bytes())).order(ByteOrder.nativeOrder());
    }
}
