package io.diffusionad.app.command;

import io.diffusionad.app.run.Budget;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.settings.Precision;
import io.diffusionad.train.MemoryMode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.Optional;

/** The options of the optimisation; what is not given stays as the preset or configuration has it. */
final class TrainingOptions {
    @Option(names = "--steps", paramLabel = "N", description = "Train for so many optimisation steps.")
    private Long steps;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Train for so many passes over as many samples as there are images.")
    private Long epochs;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description = "Train for so long; the number of steps then depends on the machine.")
    private Double minutes;

    @Option(names = "--batch", paramLabel = "N", description = "Samples an optimisation step.")
    private Integer batch;

    @Option(
            names = "--micro-batch",
            paramLabel = "N",
            description =
                    "Samples whose activations are in memory at once; changes memory and speed only (default: what fits).")
    private Integer microBatch;

    @Option(
            names = "--memory",
            paramLabel = "MODE",
            description =
                    "lean: a step's forward pass runs twice; fast: its activations are kept (default: fast if it fits).")
    private MemoryMode memory;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            description = "Activations: float32, bf16, or auto: bf16 where the device has a unit for it (default).")
    private Precision precision;

    @Option(names = "--unet-lr", paramLabel = "RATE", description = "Learning rate of the reconstruction network.")
    private Double unetRate;

    @Option(
            names = "--segmentation-lr",
            paramLabel = "RATE",
            description =
                    "Largest learning rate of the segmentation network; it swings down to 0 and back in 20 steps.")
    private Double segmentationRate;

    @Option(
            names = "--weight-decay",
            paramLabel = "RATE",
            description = "Added to gradients, times the weight (published: 0).")
    private Double weightDecay;

    @Option(
            names = "--annealing-steps",
            paramLabel = "N",
            description = "Steps in which the segmentation network's learning rate falls to 0 before it"
                    + " rises again (published: 10).")
    private Integer annealingSteps;

    @Option(
            names = "--timestep-split",
            paramLabel = "T",
            description = "Small noise scales are drawn below, big ones from here on (published: 300).")
    private Integer timestepSplit;

    @Option(
            names = "--validation",
            paramLabel = "SHARE",
            description =
                    "Share of the good images kept from training for thresholds and choosing the best "
                            + "checkpoint (default: 0.1, and with tiny and small up to a quarter where 49 need it: so many promise one false alarm in fifty).")
    private Double validation;

    @Mixin
    private FalseAlarmChoice falseAlarms;

    @Option(
            names = "--select",
            paramLabel = "ON",
            description =
                    "Choose the best checkpoint on synthetic (held-out) anomalies, or on the test set as the reference does (default: synthetic).")
    private RunSettings.Select select;

    @Option(
            names = "--evaluate-every",
            paramLabel = "STEPS",
            description = "Steps between evaluations (default: a twentieth of the run).")
    private Long evaluateEvery;

    @Mixin
    private MaskChoice masks;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of everything random (default: 42).")
    private Long seed;

    Optional<MemoryMode> memory() {
        return Optional.ofNullable(memory);
    }

    Optional<Integer> microBatch() {
        return Optional.ofNullable(microBatch);
    }

    /** Whether the user said how long to train. */
    boolean namesBudget() {
        return steps != null || epochs != null || minutes != null;
    }

    RunSettings applyTo(RunSettings base) {
        RunSettings.RunSettingsBuilder settings = base.toBuilder();
        if (namesBudget()) {
            settings.budget(new Budget(or(steps, 0L), or(epochs, 0L), or(minutes, 0.0)));
        }
        MaskOptions chosen = masks.on(base.maskThreshold(), base.maskValues(), false);
        return settings.batch(or(batch, base.batch()))
                .microBatch(or(microBatch, 1))
                .precision(or(precision, base.precision()))
                .unetRate(or(unetRate, base.unetRate()))
                .segmentationRate(or(segmentationRate, base.segmentationRate()))
                .weightDecay(or(weightDecay, base.weightDecay()))
                .annealingSteps(or(annealingSteps, base.annealingSteps()))
                .timestepSplit(or(timestepSplit, base.timestepSplit()))
                .validationShare(or(validation, base.validationShare()))
                .heldOut(validation == null ? base.heldOut() : null)
                .falseAlarms(falseAlarms.rate().orElse(base.falseAlarms()))
                .select(or(select, base.select()))
                .evaluateEvery(or(evaluateEvery, base.evaluateEvery()))
                .maskThreshold(chosen.threshold())
                .maskValues(chosen.values().text())
                .seed(or(seed, base.seed()))
                .build();
    }

    private static <T> T or(T given, T otherwise) {
        return given != null ? given : otherwise;
    }
}
