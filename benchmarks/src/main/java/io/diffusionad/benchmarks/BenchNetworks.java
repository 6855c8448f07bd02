package io.diffusionad.benchmarks;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.device.Transfers;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

/**
 * Both networks on a device with pseudo-random weights everywhere, the zero-initialised layers included: speed does not depend on training, and results
 * that are not zero can be compared between programs.
 */
final class BenchNetworks implements AutoCloseable {
    static final long SEED = 20230814;
    private static final int IMAGE_CHANNELS = 3;

    private final Device device;
    private final Arena parameters;
    private final Workspace workspace;
    private final UNet unet;
    private final SegmentationNetwork segmentation;
    private final DType activations;

    BenchNetworks(String deviceName, int threads, int imageSize, int baseChannels, int segmentationChannels, DType activations, boolean trainable) {
        this.device = Devices.open(deviceName, new DeviceOptions(threads, DeviceOptions.DEFAULT.providers()));
        this.parameters = device.newArena("parameters");
        this.workspace = new Workspace(device, "benchmark");
        this.unet = new UNet(UNetConfig.of(imageSize, baseChannels), device, parameters, trainable);
        this.segmentation = new SegmentationNetwork(SegmentationConfig.of(segmentationChannels), device, parameters, trainable);
        this.activations = activations;
        randomise(unet.parameters());
        randomise(segmentation.parameters());
    }

    Device device() {
        return device;
    }

    Workspace workspace() {
        return workspace;
    }

    UNet unet() {
        return unet;
    }

    SegmentationNetwork segmentation() {
        return segmentation;
    }

    DType activations() {
        return activations;
    }

    /** Images (N, H, W, 3) of uniform values in [0, 1), in the workspace's main arena. */
    Tensor images(int n) {
        int size = unet.config().imageSize();
        Tensor images = workspace.main().float32(n, size, size, IMAGE_CHANNELS);
        PhiloxRandom random = new PhiloxRandom(SEED, Purpose.TEST, 0);
        float[] values = new float[Math.toIntExact(images.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        Transfers.upload(device, images, values);
        return images;
    }

    /**
     * From images to score maps by one method; returns when the device is done.
     *
     * @return (N, H, W, 1) probabilities, valid until the caller's scope of the main arena ends
     */
    Tensor scoreMaps(ReconstructionMethod method, Tensor x0) {
        Pass pass = Pass.inference(device.ops(), workspace, activations);
        Tensor x0Hat = method.reconstructor().apply(unet, pass, x0, SEED, new long[x0.dim(0)]);
        Tensor pair = pass.float32(x0.dim(0), x0.dim(1), x0.dim(2), 2 * IMAGE_CHANNELS);
        pass.ops().copyChannels(pair, 0, x0, 0, IMAGE_CHANNELS);
        pass.ops().copyChannels(pair, IMAGE_CHANNELS, x0Hat, 0, IMAGE_CHANNELS);
        Tensor probabilities = segmentation.forward(pass, pair, false);
        device.synchronize();
        return probabilities;
    }

    @Override
    public void close() {
        workspace.close();
        parameters.close();
        device.close();
    }

    /** Initial values as in training; what training starts at zero gets the same distribution by its fan-in. */
    private static void randomise(ParameterStore store) {
        store.initialise(SEED);
        PhiloxRandom random = new PhiloxRandom(SEED, Purpose.TEST, 1);
        for (String name : store.trainableNames()) {
            float[] values = store.exportReference(name);
            if (allZero(values)) {
                int[] shape = store.referenceShape(name);
                double bound = 1 / Math.sqrt(Math.max(1.0, (double) values.length / shape[0]));
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
                }
                store.importReference(name, values);
            }
        }
    }

    private static boolean allZero(float[] values) {
        for (float value : values) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }
}
