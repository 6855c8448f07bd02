package io.diffusionad.benchmarks.card;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.diffusion.OneStepDenoiser;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.train.MemoryMode;
import io.diffusionad.train.StepInputs;
import io.diffusionad.train.TrainingSettings;
import io.diffusionad.train.TrainingStep;
import io.diffusionad.verify.GoldenWeights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Times one-step inference and a training step of both networks, with weights by formula. */
final class NetworkTimes {
    private static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(1000);
    private static final int TIMESTEP = 200;
    private static final int BIG_TIMESTEP = 600;
    /**
     * The images' number in the formula of the weights, past all parameters; {@code benchmarks/peers/peer.py} has the
     * same.
     */
    private static final long IMAGES = 8000;

    private final Device device;
    private final Profile profile;
    private final DeviceTimer timer;
    /** Before any network: what operations keep for themselves counts for every one of them. */
    private final long free;

    NetworkTimes(Device device, Profile profile) {
        this.device = device;
        this.profile = profile;
        this.timer = new DeviceTimer(device, profile.repeats());
        this.free = device.availableMemory();
    }

    /** Milliseconds and images a second of one batch, from images on the device to score maps. */
    Map<String, Object> oneStep(DType precision, int batch) {
        try (Arena parameters = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "one step")) {
            UNet unet = unet(parameters, false);
            SegmentationNetwork segmentation = segmentation(parameters, false);
            OneStepDenoiser denoiser = new OneStepDenoiser(unet, SCHEDULE, OneStepDenoiser.Scales.DEFAULT);
            Tensor images = images(workspace.main(), batch);
            long mark = workspace.main().mark();
            double seconds = timer.medianSeconds(() -> {
                workspace.main().release(mark);
                Pass pass = Pass.inference(device.ops(), workspace, precision);
                Tensor guided =
                        denoiser.reconstruct(pass, images, 0, new long[batch]).x0Guided();
                segmentation.forward(pass, pair(pass, images, guided), false);
            });
            return line(precision, batch, seconds, free - device.availableMemory());
        }
    }

    /**
     * One optimisation step, forward, backward and Adam; {@code losses} of the first two, for programs that claim to
     * take the same steps.
     *
     * @param memory {@code FAST} computes the whole batch at once and keeps its activations, as a framework's autograd
     *     does; {@code LEAN} goes by micro-batches and computes the UNet's forward pass twice
     */
    Map<String, Object> trainingStep(DType precision, MemoryMode memory) {
        try (Arena parameters = device.newArena("parameters");
                Arena inputs = device.newArena("inputs");
                Workspace workspace = new Workspace(device, "training")) {
            int batch = profile.trainingBatch();
            int microBatch = memory == MemoryMode.FAST ? batch : profile.microBatch();
            TrainingSettings settings = TrainingSettings.DEFAULT
                    .withBatch(batch, microBatch)
                    .withMemory(memory)
                    .withActivations(precision);
            TrainingStep step = new TrainingStep(
                    unet(parameters, true),
                    segmentation(parameters, true),
                    SCHEDULE,
                    workspace,
                    device.ops(),
                    settings);
            Tensor masks = inputs.float32(
                    batch, profile.unet().imageSize(), profile.unet().imageSize(), 1);
            device.ops().fill(masks, 0.5f);
            StepInputs stepInputs = new StepInputs(
                    images(inputs, batch),
                    masks,
                    new boolean[batch],
                    filled(batch, TIMESTEP),
                    filled(batch, BIG_TIMESTEP),
                    images(inputs, 2 * batch));
            long[] steps = {0};
            DoubleSupplier work = () -> {
                double loss = step.computeGradients(stepInputs).total();
                step.update(steps[0]++);
                return loss;
            };
            List<Double> losses = List.of(work.getAsDouble(), work.getAsDouble());
            double seconds = timer.medianOf(work::getAsDouble);
            Map<String, Object> line = line(precision, batch, seconds, free - device.availableMemory());
            line.put("mode", memory.name().toLowerCase(Locale.ROOT));
            line.put("micro_batch", microBatch);
            line.put("losses", losses);
            return line;
        }
    }

    /**
     * What both networks make of one image, (H, W, 3) and (H, W) float32, for programs that claim to run the same
     * networks.
     */
    void writeOutputs(DType precision, Path noiseFile, Path scoreFile) throws IOException {
        try (Arena parameters = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "outputs")) {
            Tensor images = images(workspace.main(), 1);
            Pass pass = Pass.inference(device.ops(), workspace, precision);
            Tensor noise = unet(parameters, false).forward(pass, images, pass.upload(TIMESTEP));
            write(noiseFile, noise);
            write(scoreFile, segmentation(parameters, false).forward(pass, pair(pass, images, images), false));
        }
    }

    private Tensor pair(Pass pass, Tensor images, Tensor reconstruction) {
        Tensor pair = pass.float32(images.dim(0), images.dim(1), images.dim(2), 6);
        pass.ops().copyChannels(pair, 0, images, 0, 3);
        pass.ops().copyChannels(pair, 3, reconstruction, 0, 3);
        return pair;
    }

    private UNet unet(Arena arena, boolean trainable) {
        UNet unet = new UNet(profile.unet(), device, arena, trainable);
        GoldenWeights.fill(unet.parameters(), 0);
        return unet;
    }

    private SegmentationNetwork segmentation(Arena arena, boolean trainable) {
        SegmentationNetwork network = new SegmentationNetwork(profile.segmentation(), device, arena, trainable);
        GoldenWeights.fill(network.parameters(), 0);
        return network;
    }

    /** Images by formula, in the reference's NCHW order of elements. */
    private Tensor images(Arena arena, int n) {
        int size = profile.unet().imageSize();
        Tensor images = arena.float32(n, size, size, 3);
        float[] values = new float[Math.toIntExact(images.elements())];
        for (int i = 0; i < values.length; i++) {
            int channel = i % 3;
            int pixel = i / 3 % (size * size);
            int sample = i / 3 / (size * size);
            values[i] = (float) GoldenWeights.uniform(IMAGES, ((long) sample * 3 + channel) * size * size + pixel);
        }
        Transfers.upload(device, images, values);
        return images;
    }

    private void write(Path file, Tensor tensor) throws IOException {
        float[] values = Transfers.toFloats(device, tensor);
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Files.write(file, bytes.array());
    }

    /**
     * @param memory bytes taken from the card since before any network was made: arenas never shrink, so it is the peak
     */
    private static Map<String, Object> line(DType precision, int batch, double seconds, long memory) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("precision", precision.name());
        line.put("batch", batch);
        line.put("milliseconds", 1e3 * seconds);
        line.put("images_per_second", batch / seconds);
        line.put("memory_mib", memory >> 20);
        return line;
    }

    private static long[] filled(int count, long value) {
        long[] values = new long[count];
        Arrays.fill(values, value);
        return values;
    }
}
