package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.report.EvaluationReport;
import io.diffusionad.app.report.MetricsTable;
import io.diffusionad.app.report.ReportSource;
import io.diffusionad.app.report.StressTable;
import io.diffusionad.app.run.DataNotes;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.data.Category;
import io.diffusionad.data.MaskThreshold;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.mask.MaskValues;
import io.diffusionad.data.mask.UsableTestSet;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.evaluate.Evaluation;
import io.diffusionad.evaluate.EvaluationOptions;
import io.diffusionad.evaluate.Evaluator;
import io.diffusionad.evaluate.Stress;
import io.diffusionad.evaluate.Variation;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code evaluate}: the metrics of a checkpoint on a test set. */
@Command(
        name = "evaluate",
        sortOptions = false,
        description =
                "Evaluates a checkpoint on the test set of one or more categories: metrics, scores, sheets and a page to look at.",
        footer = {
            "",
            "Examples:",
            "  diffusionad evaluate --checkpoint runs/bottle --data mvtec/bottle --out bottle-evaluation",
            "  diffusionad evaluate --checkpoint runs/bottle/last.safetensors --data mvtec/bottle --out eval --sheets 100"
        })
final class EvaluateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CheckpointChoice checkpoint;

    @Mixin
    private DataOptions data;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "FOLDER",
            description = "Where metrics.csv, scores.jsonl, report.html and sheets/ go.")
    private Path out;

    @Option(names = "--overwrite", description = "Replace an evaluation in --out.")
    private boolean overwrite;

    @Option(
            names = "--sheets",
            paramLabel = "N",
            defaultValue = "3",
            description = "Ten-panel sheets for so many images of each kind (default: ${DEFAULT-VALUE}).")
    private int sheets;

    @Mixin
    private BatchChoice batch;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "float32, bf16, int8 (a calibrated checkpoint, CPU) or auto (default).")
    private Precision precision;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the noise that images are looked at through (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private MaskChoice masks;

    @Option(
            names = "--resolution",
            paramLabel = "SIZE",
            defaultValue = "model",
            description =
                    "Where score maps meet masks: model (the network's size, default) or original (each picture's own).")
    private EvaluationOptions.Resolution resolution;

    @Option(
            names = "--no-masks",
            description =
                    "Evaluate defective images without masks too; pixel metrics are left out when one is missing. A mask that marks nothing is taken as "
                            + "it is.")
    private boolean noMasks;

    @Option(
            names = "--stress",
            description = {
                "Also decide the test set under changed brightness, contrast, sharpness, position and JPEG quality:",
                "false alarms, misses and image AUROC of each go to stress.csv. Takes 14 times as long."
            })
    private boolean stress;

    @Mixin
    private FalseAlarmChoice falseAlarms;

    @Mixin
    private DamagedChoice damaged;

    @Mixin
    private DeviceChoice device;

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        int images = batch.images();
        List<Category> categories = data.categories();
        categories.forEach(this::requireTestSet);
        OutputFolder.prepare(out, "metrics.csv", overwrite);
        Path file = checkpoint.file();
        EvaluationReport report = new EvaluationReport(out, sheets);
        List<String> invalid = new ArrayList<>();
        Map<String, List<Stress.Outcome>> stressed = new LinkedHashMap<>();
        ModelCard card = falseAlarms.applyTo(Checkpoint.readCard(file));
        try (Device opened = device.open();
                Checkpoint.Loaded loaded = Checkpoint.load(file, opened)) {
            try (DetectionPipeline pipeline = new DetectionPipeline(
                    opened,
                    loaded.model().unet(),
                    loaded.model().segmentation(),
                    card.model().diffusion(),
                    precision.on(opened),
                    card.ranges(precision, file),
                    seed)) {
                Evaluator evaluator = new Evaluator(pipeline, images);
                Stress changes = new Stress(pipeline, card.model().preparation(), images);
                List<UsableTestSet> sets = categories.stream()
                        .map(category -> usable(category, card))
                        .toList();
                for (UsableTestSet set : sets) {
                    Category category = set.category();
                    Files.createDirectories(out);
                    try (Evaluation evaluation = evaluate(set, evaluator, card)) {
                        report.add(
                                category.name(),
                                evaluation,
                                ReportSource.of(card, precision, file, category.folder()),
                                pipeline);
                        if (evaluation.invalid() > 0) {
                            invalid.add(invalid(evaluation));
                        }
                    }
                    if (stress) {
                        stressed.put(
                                category.name(),
                                stress(
                                        category,
                                        changes,
                                        card.thresholds(precision).threshold()));
                    }
                }
            }
        }
        List<String> remarks =
                new ArrayList<>(List.of(file + ", trained on " + card.category() + ", " + card.step() + " steps."));
        remarks.addAll(damaged.skipped());
        remarks.addAll(invalid);
        report.write("DiffusionAD: evaluation of " + file.getFileName(), remarks, null);
        console.print("%s", MetricsTable.text(report.metrics()));
        console.print("%s", MetricsTable.note(List.of(resolution.name().toLowerCase(Locale.ROOT))));
        invalid.forEach(sentence -> console.print("%s", sentence));
        report.metrics().values().stream()
                .flatMap(one -> one.all().reasons().stream())
                .distinct()
                .forEach(reason -> console.note("- : %s", reason));
        if (stress) {
            StressTable.write(out.resolve("stress.csv"), stressed);
            console.print("%s", MetricsTable.text(StressTable.rows(stressed)));
        }
        console.print("%s", out.resolve("report.html"));
        return ExitCode.OK;
    }

    private static String invalid(Evaluation evaluation) {
        return evaluation.category() + ": " + evaluation.invalid() + " of "
                + evaluation.images().size()
                + " frames invalid (no pictures of this part, as detect "
                + "would say); scores.jsonl gives the reasons, and the metrics count them as they score.";
    }

    private void requireTestSet(Category category) {
        category.requireTest();
        try {
            if (!noMasks) {
                category.requireMasks();
            }
        } catch (InvalidInputException e) {
            throw new InvalidInputException(e.getMessage() + ", or add --no-masks for image metrics alone", e);
        }
    }

    private UsableTestSet usable(Category category, ModelCard card) {
        UsableTestSet set = UsableTestSet.of(
                category,
                masks.on(MaskThreshold.HALF, MaskValues.AUTO.text(), noMasks),
                card.model().preparation(),
                card.model().imageSize());
        damaged.settle(set, console);
        DataNotes.print(
                console,
                set.category(),
                set,
                set.category().test().stream().map(TestImage::image).toList(),
                card.model());
        return set;
    }

    private Evaluation evaluate(UsableTestSet set, Evaluator evaluator, ModelCard card) {
        Category category = set.category();
        EvaluationOptions options = EvaluationOptions.builder()
                .temporaryFolder(out)
                .thresholds(card.thresholds(precision))
                .resolution(resolution)
                .frames(card.frames())
                .build();
        try (Progress progress = console.progress(
                "evaluate " + category.name(), "image", category.test().size())) {
            return evaluator.evaluate(category, set.masks(), card.model().preparation(), options, progress::at);
        }
    }

    private List<Stress.Outcome> stress(Category category, Stress changes, double threshold) {
        List<Variation> variations = Variation.all();
        try (Progress progress = console.progress(
                "stress " + category.name(), "image", (long) category.test().size() * variations.size())) {
            return changes.run(category, threshold, variations, progress::at);
        }
    }
}
