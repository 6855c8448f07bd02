package io.diffusionad.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.train.Losses;
import io.diffusionad.train.MemoryMode;
import io.diffusionad.train.StepInputs;
import io.diffusionad.train.TrainingSettings;
import io.diffusionad.train.TrainingStep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The recorded optimisation steps, run on a device.
 *
 * @param losses of each step: total, noise, focal, smooth_l1
 * @param segmentationRates learning rate of the segmentation network at each step
 * @param unetRate learning rate of the UNet at every step
 * @param changes how far each trained parameter has moved at the end, by its name with {@value #UNET} or
 *     {@value #SEGMENTATION} before it
 * @param bounds for the rounding of one step
 */
record Trajectory(
        List<Map<String, Double>> losses,
        List<Double> segmentationRates,
        double unetRate,
        Map<String, float[]> changes,
        TrajectoryBounds bounds) {
    static final String UNET = "unet.";
    static final String SEGMENTATION = "seg.";
    private static final long PERTURBATION = 9000;

    /**
     * @param perturbation relative size of random changes to the first batch's images; 0 for the recorded trajectory
     */
    static Trajectory run(GoldenFile file, Replay replay, double perturbation) throws IOException {
        JsonNode unetConfig = file.json("unet");
        JsonNode segmentationConfig = file.json("segmentation");
        try (Arena arena = replay.device().newArena("verify " + file.name());
                Workspace workspace = new Workspace(replay.device(), "verify passes")) {
            UNet unet = new UNet(NetworkConfigs.unet(file, unetConfig), replay.device(), arena, true);
            SegmentationNetwork segmentation = new SegmentationNetwork(
                    NetworkConfigs.segmentation(file, segmentationConfig), replay.device(), arena, true);
            GoldenWeights.fill(unet.parameters(), NetworkConfigs.salt(unetConfig));
            GoldenWeights.fill(segmentation.parameters(), NetworkConfigs.salt(segmentationConfig));
            Map<String, float[]> changes = new LinkedHashMap<>();
            collect(changes, UNET, unet.parameters());
            collect(changes, SEGMENTATION, segmentation.parameters());
            TrainingSettings settings = settings(file, replay.precision());
            TrainingStep step = new TrainingStep(
                    unet,
                    segmentation,
                    NoiseSchedule.linear((int) file.number("T", 1000)),
                    workspace,
                    replay.device().ops(),
                    settings);
            List<Map<String, Double>> losses = new ArrayList<>();
            List<Double> rates = new ArrayList<>();
            for (int k = 0; file.has("step" + k + ".x"); k++) {
                String prefix = "step" + k + ".";
                StepInputs inputs = RecordedBatch.read(
                        file,
                        replay,
                        workspace.main(),
                        file.image(prefix + "x"),
                        file.image(prefix + "mask"),
                        prefix,
                        "label");
                if (k == 0 && perturbation > 0) {
                    perturb(replay, inputs.images(), perturbation);
                }
                Losses values = step.computeGradients(inputs);
                losses.add(Map.of(
                        "total",
                        values.total(),
                        "noise",
                        values.noise(),
                        "focal",
                        values.focal(),
                        "smooth_l1",
                        values.smoothL1()));
                rates.add(step.segmentationRate(k));
                step.update(k);
                workspace.main().release(0);
            }
            subtractFrom(changes, UNET, unet.parameters());
            subtractFrom(changes, SEGMENTATION, segmentation.parameters());
            TrajectoryBounds bounds =
                    new TrajectoryBounds(replay.precision(), unet.parameters(), segmentation.parameters());
            return new Trajectory(losses, rates, settings.unetRate(), changes, bounds);
        }
    }

    /** How far Adam can carry an element of a parameter whose gradients agree in sign: a learning rate a step. */
    double furthest(String name) {
        return name.startsWith(UNET)
                ? losses.size() * unetRate
                : segmentationRates.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static TrainingSettings settings(GoldenFile file, DType precision) throws IOException {
        TrainingSettings standard = TrainingSettings.DEFAULT;
        int batch = file.image("step0.x").shape()[0];
        // Recorded networks are small, so that nothing need run forward twice.
        return new TrainingSettings(
                0,
                batch,
                1,
                MemoryMode.FAST,
                precision,
                file.number("diffusion_lr", standard.unetRate()),
                file.number("seg_lr", standard.segmentationRate()),
                standard.annealingSteps(),
                file.number("weight_decay", standard.weightDecay()),
                (int) file.number("less_t_range", standard.timestepSplit()),
                file.number("condition_w", standard.guidance()),
                standard.segmentationLoss());
    }

    private static void perturb(Replay replay, Tensor images, double size) {
        float[] values = Transfers.toFloats(replay.device(), images);
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) (1 + size * GoldenWeights.uniform(PERTURBATION, i));
        }
        Transfers.upload(replay.device(), images, values);
    }

    private static void collect(Map<String, float[]> values, String prefix, ParameterStore parameters) {
        parameters.trainableNames().forEach(name -> values.put(prefix + name, parameters.exportReference(name)));
    }

    /** Turns the values before into changes. */
    private static void subtractFrom(Map<String, float[]> before, String prefix, ParameterStore parameters) {
        for (String name : parameters.trainableNames()) {
            float[] start = before.get(prefix + name);
            float[] end = parameters.exportReference(name);
            for (int i = 0; i < end.length; i++) {
                end[i] -= start[i];
            }
            before.put(prefix + name, end);
        }
    }
}
