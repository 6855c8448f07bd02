package io.diffusionad.detect;

import io.diffusionad.device.Device;
import io.diffusionad.device.Recording;
import io.diffusionad.diffusion.OneStepDenoiser;
import io.diffusionad.diffusion.Reconstruction;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.ActivationRanges;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.RangeRecorder;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The whole way from images to score maps on one device: noise at two scales, predicted noise, norm-guided
 * reconstruction, segmentation (SPEC §1). The networks belong to the caller and are used in evaluation mode. One thread
 * at a time.
 *
 * <p>Every image is looked at through the same noise, that of sample number 0: a score depends on the image, the
 * weights and the seed, and neither on the batch it came in nor on its place there.
 */
public final class DetectionPipeline implements AutoCloseable {
    /** Seed of the noise unless one is asked for: thresholds are calibrated and metrics computed with it. */
    public static final long DEFAULT_SEED = 0;

    private static final int CHANNELS = 3;

    private final Device device;
    private final UNet unet;
    private final SegmentationNetwork segmentation;
    private final OneStepDenoiser denoiser;
    private final DiffusionSettings diffusion;
    private final DType activationType;
    private final ActivationRanges int8Ranges;
    private final long seed;
    private final Workspace workspace;
    private final boolean ownsWorkspace;
    private final StageTimer timer = new StageTimer();
    private Batch batch;
    private ByteBuffer staging = ByteBuffer.allocateDirect(0);

    /** @param activationType float32 or bfloat16 */
    public DetectionPipeline(
            Device device,
            UNet unet,
            SegmentationNetwork segmentation,
            DiffusionSettings diffusion,
            DType activationType,
            long seed) {
        this(device, unet, segmentation, diffusion, activationType, null, seed);
    }

    /**
     * @param activationType float32 or bfloat16
     * @param int8Ranges lets the reconstruction network compute in int8 where it can; null for floating-point
     *     throughout. The segmentation network, a twentieth of the work, keeps its type: its activations on a defect
     *     reach beyond those on the good images that ranges are measured on
     * @throws InvalidInputException when the ranges are not those of this network's layers
     */
    public DetectionPipeline(
            Device device,
            UNet unet,
            SegmentationNetwork segmentation,
            DiffusionSettings diffusion,
            DType activationType,
            ActivationRanges int8Ranges,
            long seed) {
        this(
                device,
                unet,
                segmentation,
                diffusion,
                activationType,
                requireOf(unet, int8Ranges),
                seed,
                new Workspace(device, "detection"),
                true);
    }

    private DetectionPipeline(
            Device device,
            UNet unet,
            SegmentationNetwork segmentation,
            DiffusionSettings diffusion,
            DType activationType,
            ActivationRanges int8Ranges,
            long seed,
            Workspace workspace,
            boolean ownsWorkspace) {
        this.device = device;
        this.unet = unet;
        this.segmentation = segmentation;
        this.denoiser = new OneStepDenoiser(
                unet,
                diffusion.noiseSchedule(),
                new OneStepDenoiser.Scales(
                        diffusion.smallTimestep(), diffusion.bigTimestep(), (float) diffusion.guidance()));
        this.diffusion = diffusion;
        this.activationType = activationType;
        this.int8Ranges = int8Ranges;
        this.seed = seed;
        this.workspace = workspace;
        this.ownsWorkspace = ownsWorkspace;
    }

    private static ActivationRanges requireOf(UNet unet, ActivationRanges ranges) {
        if (ranges != null && !ranges.byLayer().keySet().equals(unet.int8Layers())) {
            throw new InvalidInputException(
                    "the int8 calibration is not that of this network: measure it again with  diffusionad calibrate");
        }
        return ranges;
    }

    /** Side of the square images that the networks were made for, in pixels. */
    public int imageSize() {
        return unet.config().imageSize();
    }

    /**
     * Scores images as one batch.
     *
     * @param images (H, W, 3) each, values in [0, 1], H = W = {@link #imageSize()}
     * @return (H, W) each: the probability of every pixel to be anomalous
     */
    public List<float[]> scoreMaps(List<float[]> images) {
        return run(images, output -> split(output.probabilities, images.size()));
    }

    /** As {@link #scoreMaps}, with how far each image lies from its reconstruction. */
    public List<Scored> score(List<float[]> images) {
        return run(images, output -> {
            List<float[]> maps = split(output.probabilities, images.size());
            List<float[]> reconstructions = split(output.reconstruction.x0Guided(), images.size());
            List<Scored> scored = new ArrayList<>();
            for (int i = 0; i < maps.size(); i++) {
                scored.add(new Scored(maps.get(i), meanDistance(images.get(i), reconstructions.get(i))));
            }
            return scored;
        });
    }

    private static double meanDistance(float[] image, float[] reconstruction) {
        double sum = 0;
        for (int i = 0; i < image.length; i++) {
            sum += Math.abs(image[i] - reconstruction[i]);
        }
        return sum / image.length;
    }

    /** As {@link #scoreMaps} with everything on the way. */
    public List<Panels> panels(List<float[]> images) {
        return run(images, output -> {
            Reconstruction r = output.reconstruction;
            List<List<float[]>> parts = new ArrayList<>();
            for (Tensor tensor : List.of(
                    output.probabilities,
                    r.xtSmall(),
                    r.xtBig(),
                    r.xtRenoised(),
                    r.x0Small(),
                    r.x0Big(),
                    r.x0Guided())) {
                parts.add(split(tensor, images.size()));
            }
            List<Panels> panels = new ArrayList<>();
            for (int i = 0; i < images.size(); i++) {
                panels.add(new Panels(
                        parts.get(0).get(i),
                        parts.get(1).get(i),
                        parts.get(2).get(i),
                        parts.get(3).get(i),
                        parts.get(4).get(i),
                        parts.get(5).get(i),
                        parts.get(6).get(i)));
            }
            return panels;
        });
    }

    /** A pipeline like this one that computes in int8, in this one's memory: close it before this one is used again. */
    public DetectionPipeline inInt8(ActivationRanges ranges) {
        closeBatch();
        return new DetectionPipeline(
                device, unet, segmentation, diffusion, activationType, requireOf(unet, ranges), seed, workspace, false);
    }

    /**
     * Measures what {@link #inInt8} needs, on good images one after another; copies the activations of every layer to
     * Java.
     *
     * @param images as of {@link #scoreMaps}, at least one
     */
    public ActivationRanges measureRanges(List<float[]> images) {
        RangeRecorder recorder = new RangeRecorder();
        closeBatch();
        for (float[] image : images) {
            try (var temporaries = workspace.main().scope()) {
                Tensor x0 = workspace.main().float32(1, imageSize(), imageSize(), CHANNELS);
                upload(x0, List.of(image));
                denoiser.reconstruct(
                        Pass.inference(device.ops(), workspace, activationType).measuringRanges(recorder), x0, seed, 0);
            }
        }
        return recorder.ranges();
    }

    /** Where the time of the calls so far went. */
    public StageTimer timer() {
        return timer;
    }

    /** Bytes of activations held on the device; parameters are not counted. */
    public long reservedMemory() {
        return workspace.reserved();
    }

    @Override
    public void close() {
        closeBatch();
        if (ownsWorkspace) {
            workspace.close();
        }
    }

    private record Output(Reconstruction reconstruction, Tensor probabilities) { // (N, H, W, 1) float32
    }

    /**
     * One batch size: its images, and the operations from there to the score maps in two recordings, which a device may
     * repeat faster than it issued them. Its tensors stay in the workspace until another batch takes over.
     */
    private final class Batch implements AutoCloseable {
        private final int n;
        private final long unetVersion = unet.parameters().version();
        private final long segmentationVersion = segmentation.parameters().version();
        private final Tensor x0; // (N, H, W, 3)
        private final long aboveImages;
        private Reconstruction reconstruction;
        private Tensor probabilities;
        private Recording toReconstruction;
        private Recording toProbabilities;

        Batch(int n) {
            this.n = n;
            x0 = workspace.main().float32(n, imageSize(), imageSize(), CHANNELS);
            aboveImages = workspace.main().mark();
        }

        /**
         * Whether this can score that many images: evaluation mode works on copies of the parameters, which a recording
         * does not renew.
         */
        boolean fits(int images) {
            return images == n
                    && unetVersion == unet.parameters().version()
                    && segmentationVersion == segmentation.parameters().version();
        }

        void reconstruct() {
            if (toReconstruction == null) {
                toReconstruction = device.record(() -> {
                    workspace.main().release(aboveImages);
                    reconstruction = denoiser.reconstruct(pass().withInt8(int8Ranges), x0, seed, new long[n]);
                });
            } else {
                toReconstruction.replay();
            }
        }

        void segment() {
            if (toProbabilities == null) {
                long aboveReconstruction = workspace.main().mark();
                toProbabilities = device.record(() -> {
                    workspace.main().release(aboveReconstruction);
                    Pass pass = pass();
                    Tensor pair = pass.float32(n, imageSize(), imageSize(), 2 * CHANNELS);
                    pass.ops().copyChannels(pair, 0, x0, 0, CHANNELS);
                    pass.ops().copyChannels(pair, CHANNELS, reconstruction.x0Guided(), 0, CHANNELS);
                    probabilities = segmentation.forward(pass, pair, false);
                });
            } else {
                toProbabilities.replay();
            }
        }

        private Pass pass() {
            return Pass.inference(device.ops(), workspace, activationType);
        }

        @Override
        public void close() {
            if (toReconstruction != null) {
                toReconstruction.close();
            }
            if (toProbabilities != null) {
                toProbabilities.close();
            }
            workspace.main().release(0);
        }
    }

    private <T> T run(List<float[]> images, Function<Output, T> download) {
        int n = images.size();
        if (batch == null || !batch.fits(n)) {
            closeBatch();
            batch = new Batch(n);
        }
        timer.start();
        upload(batch.x0, images);
        timer.stop(StageTimer.Stage.UPLOAD);
        batch.reconstruct();
        device.synchronize();
        timer.stop(StageTimer.Stage.RECONSTRUCTION);
        batch.segment();
        device.synchronize();
        timer.stop(StageTimer.Stage.SEGMENTATION);
        T result = download.apply(new Output(batch.reconstruction, batch.probabilities));
        timer.stop(StageTimer.Stage.DOWNLOAD);
        timer.count(n);
        return result;
    }

    private void closeBatch() {
        if (batch != null) {
            batch.close();
            batch = null;
        }
    }

    private void upload(Tensor x0, List<float[]> images) {
        int size = imageSize();
        ByteBuffer buffer = staging(x0);
        FloatBuffer values = buffer.asFloatBuffer();
        for (float[] image : images) {
            if (image.length != size * size * CHANNELS) {
                throw new IllegalArgumentException("an image of " + image.length + " values where " + size + "x" + size
                        + "x" + CHANNELS + " are needed");
            }
            values.put(image);
        }
        device.upload(x0, buffer);
    }

    private List<float[]> split(Tensor tensor, int n) {
        ByteBuffer buffer = staging(tensor);
        device.download(buffer, tensor);
        FloatBuffer values = buffer.rewind().asFloatBuffer();
        List<float[]> parts = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            float[] part = new float[(int) (tensor.elements() / n)];
            values.get(part);
            parts.add(part);
        }
        return parts;
    }

    private ByteBuffer staging(Tensor tensor) {
        int bytes = Math.toIntExact(tensor.bytes());
        if (staging.capacity() < bytes) {
            staging = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        }
        return staging.clear().limit(bytes);
    }
}
