package io.diffusionad.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.tensor.Arena;
import io.diffusionad.train.Losses;
import io.diffusionad.train.StepInputs;
import io.diffusionad.train.TrainingSettings;
import io.diffusionad.train.TrainingStep;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A trajectory of optimisation steps of both networks: losses and learning rate of every step, and how far each parameter has moved at the end. */
final class TrainingCheck implements Check {
    private static final String UNET = "unet.";
    private static final String SEGMENTATION = "seg.";

    @Override
    public boolean accepts(GoldenFile file) {
        return file.has("losses", "step0.x") && file.hasMetadata("unet") && file.hasMetadata("segmentation");
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        JsonNode unetConfig = file.json("unet");
        JsonNode segmentationConfig = file.json("segmentation");
        try (Arena arena = replay.device().newArena("verify " + file.name()); Workspace workspace = new Workspace(replay.device(), "verify passes")) {
            UNet unet = new UNet(NetworkConfigs.unet(file, unetConfig), replay.device(), arena, true);
            SegmentationNetwork segmentation = new SegmentationNetwork(NetworkConfigs.segmentation(file, segmentationConfig), replay.device(), arena, true);
            GoldenWeights.fill(unet.parameters(), NetworkConfigs.salt(unetConfig));
            GoldenWeights.fill(segmentation.parameters(), NetworkConfigs.salt(segmentationConfig));
            Map<String, float[]> before = values(unet, segmentation);
            TrainingSettings settings = settings(file, replay);
            NoiseSchedule schedule = NoiseSchedule.linear((int) file.number("T", 1000));
            TrainingStep step = new TrainingStep(unet, segmentation, schedule, workspace, replay.device().ops(), settings);
            TrajectoryBounds bounds = new TrajectoryBounds(replay.precision(), unet.parameters(), segmentation.parameters());
            walk(file, replay, step, workspace, bounds);
            changes(file, replay, before, values(unet, segmentation), bounds);
        }
    }

    private static TrainingSettings settings(GoldenFile file, Replay replay) throws IOException {
        TrainingSettings standard = TrainingSettings.DEFAULT;
        int batch = file.image("step0.x").shape()[0];
        return new TrainingSettings(0, batch, 1, standard.memory(), replay.precision(), file.number("diffusion_lr", standard.unetRate()),
                file.number("seg_lr", standard.segmentationRate()), file.number("weight_decay", standard.weightDecay()),
                (int) file.number("less_t_range", standard.timestepSplit()), file.number("condition_w", standard.guidance()), standard.segmentationLoss());
    }

    private static void walk(GoldenFile file, Replay replay, TrainingStep step, Workspace workspace, TrajectoryBounds bounds) throws IOException {
        double[] losses = file.doubles("losses");
        double[] rates = file.has("seg_lr_used") ? file.doubles("seg_lr_used") : new double[0];
        String[] columns = {"total", "noise", "focal", "smooth_l1"};
        for (int k = 0; file.has("step" + k + ".x"); k++) {
            String prefix = "step" + k + ".";
            if (losses.length < (k + 1) * columns.length) {
                throw file.invalid("it has a step " + k + " without losses");
            }
            StepInputs inputs = RecordedBatch.read(file, replay, workspace.main(), file.image(prefix + "x"), file.image(prefix + "mask"), prefix, "label");
            Losses actual = step.computeGradients(inputs);
            if (k < rates.length) {
                replay.add(file, prefix + "learning rate", Math.abs(step.segmentationRate(k) - rates[k]) / step.segmentationRate(0), 1e-12);
            }
            step.update(k);
            workspace.main().release(0);
            double[] values = {actual.total(), actual.noise(), actual.focal(), actual.smoothL1()};
            for (int c = 0; c < columns.length; c++) {
                replay.add(file, prefix + columns[c] + " loss", Errors.relative(values[c], losses[k * columns.length + c]), c == 1 ? bounds.noiseLoss() : bounds.segmentationLoss());
            }
        }
    }

    private static void changes(GoldenFile file, Replay replay, Map<String, float[]> before, Map<String, float[]> after, TrajectoryBounds bounds)
            throws IOException {
        if (!file.has("delta_l2", "delta_dot")) {
            return;
        }
        for (Map.Entry<String, GoldenFile.Probe> expected : file.probes("delta_l2", "delta_dot", List.of()).entrySet()) {
            String name = expected.getKey();
            if (!before.containsKey(name)) {
                throw file.invalid("its 'parameters' name '" + name + "', which the networks do not have");
            }
            float[] change = after.get(name).clone();
            for (int i = 0; i < change.length; i++) {
                change[i] -= before.get(name)[i];
            }
            GoldenFile.Probe actual = GoldenFile.Probe.of(change, expected.getValue().position());
            replay.addProbe(file, "change of " + name, actual, expected.getValue(), expected.getValue().l2(), name.startsWith(UNET) ? bounds.unetChange() : bounds.segmentationChange());
        }
    }

    private static Map<String, float[]> values(UNet unet, SegmentationNetwork segmentation) {
        Map<String, float[]> values = new HashMap<>();
        unet.parameters().names().forEach(name -> values.put(UNET + name, unet.parameters().exportReference(name)));
        segmentation.parameters().names().forEach(name -> values.put(SEGMENTATION + name, segmentation.parameters().exportReference(name)));
        return values;
    }
}
