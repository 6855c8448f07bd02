package io.diffusionad.checkpoint;

import io.diffusionad.device.Device;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.Arena;

/** The two networks of a detector and the memory of their parameters. Not thread-safe. */
public final class DetectorModel implements AutoCloseable {
    private final Arena arena;
    private final UNet unet;
    private final SegmentationNetwork segmentation;

    /**
     * Parameters are zero: follow with {@link #initialise} or read a checkpoint. @param trainable whether gradients and
     * moments are allocated too
     */
    public DetectorModel(ModelSettings settings, Device device, boolean trainable) {
        arena = device.newArena("parameters");
        unet = new UNet(settings.unet(), device, arena, trainable);
        segmentation = new SegmentationNetwork(settings.segmentation(), device, arena, trainable);
    }

    public UNet unet() {
        return unet;
    }

    public SegmentationNetwork segmentation() {
        return segmentation;
    }

    /** Starting values as a pure function of the seed. */
    public void initialise(long seed) {
        unet.parameters().initialise(seed);
        segmentation.parameters().initialise(seed);
    }

    /** {@link io.diffusionad.nn.ParameterStore#allowRelease} for both networks. */
    public void allowRelease() {
        unet.parameters().allowRelease();
        segmentation.parameters().allowRelease();
    }

    public long parameterCount() {
        return unet.parameters().parameterCount() + segmentation.parameters().parameterCount();
    }

    @Override
    public void close() {
        arena.close();
    }
}
