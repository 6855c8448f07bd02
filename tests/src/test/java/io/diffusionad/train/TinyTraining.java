package io.diffusionad.train;

import io.diffusionad.data.SampleSource;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.ParameterStore.Slab;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The smallest pair of networks that trains, and samples for it. */
final class TinyTraining implements AutoCloseable {
    static final int SIZE = 32;
    static final NoiseSchedule SCHEDULE = NoiseSchedule.linear(1000);

    final Device device;
    final Arena arena;
    final Workspace workspace;
    final UNet unet;
    final SegmentationNetwork segmentation;

    /** @param device closed with this */
    TinyTraining(Device device) {
        this.device = device;
        arena = device.newArena("parameters");
        workspace = new Workspace(device, "training test");
        unet = new UNet(
                new UNetConfig(SIZE, 3, 32, List.of(1.0, 2.0), List.of(16), 1, 4, -1, true, 0), device, arena, true);
        segmentation = new SegmentationNetwork(SegmentationConfig.of(2), device, arena, true);
        unet.parameters().initialise(1);
        segmentation.parameters().initialise(1);
        randomiseZeroWeights();
    }

    /** Layers that start at zero would let no gradient through to those before them. */
    private void randomiseZeroWeights() {
        ParameterStore store = unet.parameters();
        for (String name : store.trainableNames()) {
            if (name.endsWith("out_layers.3.weight")
                    || name.endsWith("proj_out.weight")
                    || name.equals("out.2.weight")) {
                PhiloxRandom random = new PhiloxRandom(3, Purpose.TEST, name.hashCode());
                float[] values = new float[store.parameter(name).elements()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = 0.1f * (random.nextFloat() - 0.5f);
                }
                store.importReference(name, values);
            }
        }
    }

    /** Noise images; every third sample is anomalous in a rectangle. */
    static SampleSource samples() {
        return index -> {
            PhiloxRandom random = new PhiloxRandom(5, Purpose.TEST, index);
            float[] image = new float[SIZE * SIZE * 3];
            float[] mask = new float[SIZE * SIZE];
            for (int i = 0; i < image.length; i++) {
                image[i] = random.nextFloat();
            }
            boolean anomalous = index % 3 == 1;
            for (int i = 0; anomalous && i < 8 * SIZE; i++) {
                mask[i] = i % SIZE < 12 ? 1f : 0f;
            }
            return new TrainingSample(SIZE, SIZE, image, mask, anomalous);
        };
    }

    Trainer trainer(TrainingSettings settings) {
        return new Trainer(unet, segmentation, SCHEDULE, workspace, device.ops(), settings);
    }

    /** Gradients of one batch of samples 0, 1, … */
    Losses gradients(TrainingSettings settings) {
        return gradients(settings, samples(), 0);
    }

    Losses gradients(TrainingSettings settings, SampleSource source, long first) {
        try (var scope = workspace.main().scope()) {
            List<TrainingSample> batch = new ArrayList<>();
            for (int i = 0; i < settings.batch(); i++) {
                batch.add(source.sample(first + i));
            }
            StepInputs inputs =
                    new BatchFeeder(workspace, device.ops(), settings, SCHEDULE.timesteps()).feed(batch, first);
            return new TrainingStep(unet, segmentation, SCHEDULE, workspace, device.ops(), settings)
                    .computeGradients(inputs);
        }
    }

    /** All gradients of both networks. */
    float[] gradientValues() {
        float[] first = Transfers.toFloats(device, unet.parameters().slab(Slab.GRADIENTS));
        float[] second = Transfers.toFloats(device, segmentation.parameters().slab(Slab.GRADIENTS));
        float[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** Everything that a resumed run needs besides the step's number. */
    List<float[]> state() {
        List<float[]> state = new ArrayList<>();
        for (ParameterStore store : List.of(unet.parameters(), segmentation.parameters())) {
            store.names().forEach(name -> state.add(store.exportReference(name)));
            for (Slab slab : List.of(Slab.FIRST_MOMENTS, Slab.SECOND_MOMENTS)) {
                store.trainableNames().forEach(name -> state.add(store.exportReference(slab, name)));
            }
        }
        return state;
    }

    void restore(List<float[]> state) {
        int next = 0;
        for (ParameterStore store : List.of(unet.parameters(), segmentation.parameters())) {
            for (String name : store.names()) {
                store.importReference(name, state.get(next++));
            }
            for (Slab slab : List.of(Slab.FIRST_MOMENTS, Slab.SECOND_MOMENTS)) {
                for (String name : store.trainableNames()) {
                    store.importReference(slab, name, state.get(next++));
                }
            }
        }
    }

    @Override
    public void close() {
        workspace.close();
        arena.close();
        device.close();
    }
}
