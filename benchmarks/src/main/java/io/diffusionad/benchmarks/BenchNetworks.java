package io.diffusionad.benchmarks;

import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Transfers;
import io.diffusionad.nn.ActivationRanges;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.Ops;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.Int8Calibration;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.verify.GoldenWeights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Both networks on a device that is opened for them, with memory to run in. */
public final class BenchNetworks implements AutoCloseable {
    static final long SEED = 20230814;
    private static final int IMAGE_CHANNELS = 3;
    private static final int UNET_SALT = 1;
    private static final int SEGMENTATION_SALT = 2;

    private final Device device;
    private final DetectorModel model;
    private final ModelSettings settings;
    private final Workspace workspace;
    private final DType activations;
    private ActivationRanges int8Ranges; // or null

    /**
     * What a reconstruction method and the segmentation network made of images.
     *
     * @param reconstruction x̂0 (N, H, W, 3)
     * @param probabilities (N, H, W, 1)
     */
    public record Output(Tensor reconstruction, Tensor probabilities) {}

    private BenchNetworks(
            String deviceName,
            int threads,
            ModelSettings settings,
            Function<Device, DType> activations,
            boolean trainable) {
        this.device = Devices.open(deviceName, new DeviceOptions(threads, DeviceOptions.DEFAULT.providers()));
        this.settings = settings;
        this.model = new DetectorModel(settings, device, trainable);
        this.workspace = new Workspace(device, "benchmark");
        this.activations = activations.apply(device);
    }

    /**
     * Networks with weights by formula everywhere, the layers included that training starts at zero: speed does not
     * depend on training, and results that are not zero can be compared between programs.
     *
     * @param threads CPU threads, 0 for one a physical core
     */
    public static BenchNetworks untrained(
            String deviceName, int threads, ModelSettings settings, DType activations, boolean trainable) {
        return new BenchNetworks(deviceName, threads, settings, device -> activations, trainable).filled();
    }

    /**
     * As {@link #untrained(String, int, ModelSettings, DType, boolean)} by precision; in int8, with ranges measured on
     * one image of noise.
     */
    public static BenchNetworks untrained(
            String deviceName, int threads, ModelSettings settings, Precision precision, boolean trainable) {
        BenchNetworks networks = new BenchNetworks(deviceName, threads, settings, precision::on, trainable).filled();
        return precision == Precision.INT8 ? networks.inInt8(networks.measuredRanges()) : networks;
    }

    private BenchNetworks filled() {
        GoldenWeights.fill(model.unet().parameters(), UNET_SALT);
        GoldenWeights.fill(model.segmentation().parameters(), SEGMENTATION_SALT);
        return this;
    }

    /** Networks of a checkpoint. @param trainable whether gradients and Adam's moments are allocated too */
    public static BenchNetworks trained(
            String deviceName, int threads, Path checkpoint, DType activations, boolean trainable) throws IOException {
        BenchNetworks networks = new BenchNetworks(
                deviceName, threads, Checkpoint.readCard(checkpoint).model(), device -> activations, trainable);
        try {
            Checkpoint.readWeights(checkpoint, networks.model);
            return networks;
        } catch (IOException | RuntimeException e) {
            networks.close();
            throw e;
        }
    }

    public Device device() {
        return device;
    }

    public DetectorModel model() {
        return model;
    }

    public ModelSettings settings() {
        return settings;
    }

    public Workspace workspace() {
        return workspace;
    }

    public UNet unet() {
        return model.unet();
    }

    public SegmentationNetwork segmentation() {
        return model.segmentation();
    }

    public DType activations() {
        return activations;
    }

    /**
     * From here on inference computes in int8 where the device gains from it. @param ranges of the reconstruction
     * network's activations @return this
     */
    public BenchNetworks inInt8(ActivationRanges ranges) {
        int8Ranges = ranges;
        return this;
    }

    /**
     * From here on these only detect, as an AnomalyDetector's do: the device may release weights, and nothing reads
     * them.
     */
    public void onlyDetect() {
        model.allowRelease();
    }

    /** A pass that saves nothing. */
    public Pass inference() {
        return inference(device.ops());
    }

    /** A pass that saves nothing, through operations in front of the device's own. */
    public Pass inference(Ops ops) {
        return Pass.inference(ops, workspace, activations).withInt8(int8Ranges);
    }

    /** Writes the weights as a checkpoint that {@code detect} accepts; where int8 can run, with measured ranges. */
    public void writeCheckpoint(Path file) throws IOException {
        Checkpoint.writeModel(
                file, ModelCard.uncalibrated(settings, "benchmark", 0, SEED).withInt8(int8()), model);
    }

    private Int8Calibration int8() {
        return device.computesInt8() ? new Int8Calibration(measuredRanges(), Calibration.NONE) : Int8Calibration.NONE;
    }

    /** On one image of noise: ranges do not change the speed. */
    private ActivationRanges measuredRanges() {
        try (DetectionPipeline pipeline =
                new DetectionPipeline(device, unet(), segmentation(), settings.diffusion(), activations, SEED)) {
            return pipeline.measureRanges(List.of(noise(1)));
        }
    }

    /** Images (N, H, W, 3) of uniform values in [0, 1), in the workspace's main arena. */
    public Tensor images(int n) {
        int size = settings.imageSize();
        Tensor images = workspace.main().float32(n, size, size, IMAGE_CHANNELS);
        Transfers.upload(device, images, noise(n));
        return images;
    }

    private float[] noise(int n) {
        PhiloxRandom random = new PhiloxRandom(SEED, Purpose.TEST, 0);
        float[] values = new float[n * settings.imageSize() * settings.imageSize() * IMAGE_CHANNELS];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    /**
     * From images to score maps by one method, through the noise that detection uses; returns when the device is done.
     *
     * @return valid until the caller's scope of the main arena ends
     */
    public Output run(ReconstructionMethod method, Tensor x0, long seed) {
        Pass pass = inference();
        Tensor x0Hat = method.reconstructor().apply(unet(), pass, x0, seed, new long[x0.dim(0)]);
        Tensor probabilities = segment(pass, x0, x0Hat);
        device.synchronize();
        return new Output(x0Hat, probabilities);
    }

    /** The segmentation network on images beside their reconstructions. */
    public Tensor segment(Pass pass, Tensor x0, Tensor reconstruction) {
        Tensor pair = pass.float32(x0.dim(0), x0.dim(1), x0.dim(2), 2 * IMAGE_CHANNELS);
        pass.ops().copyChannels(pair, 0, x0, 0, IMAGE_CHANNELS);
        pass.ops().copyChannels(pair, IMAGE_CHANNELS, reconstruction, 0, IMAGE_CHANNELS);
        return segmentation().forward(pass, pair, false);
    }

    @Override
    public void close() {
        workspace.close();
        model.close();
        device.close();
    }
}
