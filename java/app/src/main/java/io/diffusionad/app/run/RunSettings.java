package io.diffusionad.app.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.diffusionad.app.report.OutputFile;
import io.diffusionad.checkpoint.ReferenceConfig;
import io.diffusionad.data.MaskThreshold;
import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.data.mask.MaskValues;
import io.diffusionad.data.synthesis.SynthesisOptions;
import io.diffusionad.data.synthesis.SynthesisOptions.ForegroundChoice;
import io.diffusionad.data.synthesis.SynthesisOptions.Kind;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.metrics.DecisionThreshold;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;
import io.diffusionad.train.MemoryMode;
import io.diffusionad.train.TrainingSettings;
import lombok.Builder;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Everything that decides the outcome of a training run besides the machine. Stored as the run's {@code config.json};
 * {@code --resume} reads it from there, so that a run goes on as it began.
 *
 * @param data the data set or category folder
 * @param category the category's name, or null when the folder holds just one
 * @param textures folder of pictures that anomalies are made of, or null to generate them
 * @param foreground where on an image anomalies may lie
 * @param kind whether anomalies may also be made of the image itself
 * @param maskValues which values of a mask mark a defect, as {@link MaskValues#parse} reads it; null in settings of
 *     older runs: found out
 * @param microBatch samples whose activations are in memory at once; never changes the gradient
 * @param annealingSteps steps in which the segmentation network's learning rate falls to 0 before it rises again: 10 in
 *     the reference
 * @param timestepSplit small timesteps are drawn below, big ones from here on
 * @param validationShare share of the normal images kept from training: they set the decision threshold and choose the
 *     best checkpoint
 * @param heldOut keeps so many normal images from training where their share is fewer, a quarter of them at most; null
 *     for the share alone
 * @param falseAlarms share of good images that may be reported as defective; null for
 *     {@link DecisionThreshold#DEFAULT_RATE}
 * @param evaluateEvery steps between evaluations and checkpoints, 0 for twenty over the run, at least 10 steps apart
 */
@Builder(toBuilder = true)
public record RunSettings(
        String data,
        String category,
        String textures,
        ForegroundChoice foreground,
        Kind kind,
        MaskThreshold maskThreshold,
        String maskValues,
        ModelSettings model,
        Budget budget,
        int batch,
        int microBatch,
        MemoryMode memory,
        Precision precision,
        double unetRate,
        double segmentationRate,
        int annealingSteps,
        double weightDecay,
        int timestepSplit,
        double validationShare,
        Integer heldOut,
        Double falseAlarms,
        Select select,
        long evaluateEvery,
        long seed) {
    private static final int EVALUATIONS = 20;
    private static final long FEWEST_STEPS = 10;
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    /** What the best checkpoint is judged on. */
    public enum Select {
        /** Synthetic anomalies on held-out normal images: no test image is looked at. */
        SYNTHETIC,
        /** The test set, as the reference does it: its metrics are then no longer those of unseen images. */
        TEST
    }

    /** Defaults of what presets do not set. */
    public static class RunSettingsBuilder {
        private ForegroundChoice foreground = ForegroundChoice.AUTO;
        private Kind kind = Kind.AUTO;
        private MaskThreshold maskThreshold = MaskThreshold.HALF;
        private String maskValues = MaskValues.AUTO.text();
        private MemoryMode memory = MemoryMode.LEAN;
        private Precision precision = Precision.AUTO;
        private int annealingSteps = 10;
        private int timestepSplit = 300;
        private double validationShare = 0.1;
        private Select select = Select.SYNTHETIC;
        private long seed = 42;
    }

    /** @throws InvalidInputException for values out of range, naming the option */
    public RunSettings {
        maskValues = maskValues == null ? MaskValues.AUTO.text() : maskValues;
        require(batch >= 1 && batch <= 4096, "--batch " + batch + " is impossible: choose 1 to 4096");
        require(
                batch >= leastBatch(model),
                "--batch " + batch + " is impossible with " + model.imageSize() + "x" + model.imageSize()
                        + " pixels: batch"
                        + " normalisation needs more than the one value that the deepest map has an image; choose --batch 2 or a larger --image-size");
        require(
                microBatch >= 1 && microBatch <= batch,
                "--micro-batch " + microBatch + " is impossible: choose 1 to " + batch + ", the batch");
        require(
                timestepSplit > 0 && timestepSplit < model.diffusion().timesteps(),
                "--timestep-split " + timestepSplit + " is out of range: choose 1 to "
                        + (model.diffusion().timesteps() - 1));
        require(
                annealingSteps >= 1,
                "--annealing-steps " + annealingSteps
                        + " is impossible: choose 1 or more, 10 in the published program");
        require(
                validationShare >= 0 && validationShare <= 0.9,
                "--validation " + validationShare + " is out of range: choose a share in [0, 0.9]");
        if (falseAlarms != null) {
            Calibration.requireRate(falseAlarms);
        }
        precision.requireFloating("training");
        require(evaluateEvery >= 0, "--evaluate-every " + evaluateEvery + " is negative: choose a number of steps");
    }

    /**
     * The fewest samples a step that the segmentation network can be trained on: of an image its deepest map may have
     * one pixel.
     */
    static int leastBatch(ModelSettings model) {
        return model.imageSize() > SegmentationConfig.SIZE_MULTIPLE ? 1 : 2;
    }

    /** The original program's settings; what it does not have keeps our defaults. */
    public static RunSettings of(ReferenceConfig reference) {
        return builder()
                .model(reference.model())
                .budget(Budget.epochs(reference.epochs()))
                .batch(reference.batch())
                .microBatch(1)
                .unetRate(reference.unetRate())
                .segmentationRate(reference.segmentationRate())
                .weightDecay(reference.weightDecay())
                .timestepSplit(reference.timestepSplit())
                .textures(reference.textures().orElse(null))
                .maskThreshold(MaskThreshold.REFERENCE)
                .build();
    }

    /** The rate of false alarms that the threshold is placed for. */
    public double falseAlarmRate() {
        return falseAlarms == null ? DecisionThreshold.DEFAULT_RATE : falseAlarms;
    }

    /** Normal images that are better kept from training than fewer, 0 where the share alone decides. */
    int heldOutWished() {
        return heldOut == null ? 0 : heldOut;
    }

    /** What the optimisation needs. @param activations the precision on the device at hand */
    public TrainingSettings training(DType activations) {
        return new TrainingSettings(
                seed,
                batch,
                microBatch,
                memory,
                activations,
                unetRate,
                segmentationRate,
                annealingSteps,
                weightDecay,
                timestepSplit,
                model.diffusion().guidance(),
                SegmentationLoss.DEFAULT);
    }

    /** How masks are read. */
    public MaskOptions masks() {
        return new MaskOptions(maskThreshold, MaskValues.parse(maskValues), false);
    }

    /** What anomalies are made of. */
    public SynthesisOptions synthesis() {
        return new SynthesisOptions(
                model.imageSize(),
                model.preparation(),
                seed,
                textures == null ? null : Path.of(textures),
                foreground,
                kind);
    }

    /** Steps between evaluations of a run of {@code steps}. */
    public long evaluationInterval(long steps) {
        return evaluateEvery > 0 ? evaluateEvery : Math.max(FEWEST_STEPS, steps / EVALUATIONS);
    }

    public void write(Path file) throws IOException {
        OutputFile.write(file, JSON.writeValueAsString(this) + "\n");
    }

    /** @throws InvalidInputException when the file is no such JSON */
    public static RunSettings read(Path file) throws IOException {
        try {
            return JSON.readValue(Files.readString(file), RunSettings.class);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    file + " is damaged (" + e.getOriginalMessage() + "): begin again with --overwrite", e);
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(
                    file + " is damaged (it is no UTF-8 text): begin again with --overwrite", e);
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new InvalidInputException(message);
        }
    }
}
