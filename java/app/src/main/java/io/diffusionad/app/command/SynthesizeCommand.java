package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.report.ContactSheet;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.data.synthesis.AnomalySynthesizer;
import io.diffusionad.data.synthesis.AnomalySynthesizer.Drawn;
import io.diffusionad.data.synthesis.SynthesisOptions;
import io.diffusionad.data.synthesis.SynthesisOptions.ForegroundChoice;
import io.diffusionad.data.synthesis.SynthesisOptions.Kind;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import io.diffusionad.random.Purpose;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code synthesize}: shows what training would make of normal images. */
@Command(
        name = "synthesize",
        description =
                "Draws a contact sheet of synthetic anomalies: the image before, with the anomaly, and the anomaly's mask.",
        footer = {
            "",
            "Examples:",
            "  diffusionad synthesize --data mvtec/bottle --out bottle-anomalies.png",
            "  diffusionad synthesize --data my-good-images --count 40 --foreground full --out sheet.png"
        })
final class SynthesizeCommand implements Callable<Integer> {
    private static final int CELL = 192;

    private final Console console;

    @Mixin
    private DataOptions data;

    @Mixin
    private SynthesisChoice synthesis;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "FILE.png",
            description = "The sheet to write.")
    private Path out;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "20",
            description = "Anomalies to show (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            defaultValue = "256",
            description = "Side to which images are resized (default: ${DEFAULT-VALUE}).")
    private int imageSize;

    @Mixin
    private PreparationChoice preparation;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
    private long seed;

    SynthesizeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (count < 1 || count > 10_000) {
            throw new InvalidInputException("--count " + count + " is impossible: choose 1 to 10000");
        }
        if (imageSize < 8 || imageSize > 4096 || imageSize % 8 != 0) {
            throw new InvalidInputException(
                    "--image-size " + imageSize + " is impossible: choose a multiple of 8 up to 4096");
        }
        if (Files.isDirectory(out)) {
            throw new InvalidInputException("--out " + out + " is a folder: name a PNG file");
        }
        AnomalySynthesizer synthesizer = AnomalySynthesizer.of(
                data.onlyCategory(),
                new SynthesisOptions(
                        imageSize,
                        preparation.of(Preparation.AREA),
                        seed,
                        synthesis.textures(),
                        synthesis.foreground(ForegroundChoice.AUTO),
                        synthesis.kind(Kind.AUTO)),
                Purpose.SYNTHESIS);
        console.note("%s", synthesizer.description());
        ContactSheet sheet = new ContactSheet("synthetic anomalies, seed " + seed, 6, CELL, CELL);
        try (Progress progress = console.progress("synthesize", "anomaly", count)) {
            int found = 0;
            for (long index = 0; found < count && index < 100L * count; index++) {
                Drawn drawn = synthesizer.draw(index);
                if (drawn.sample().anomalous()) {
                    add(sheet, index, drawn);
                    progress.at(++found);
                }
            }
        }
        PngWriter.writeResult(out, sheet.render());
        console.print("%s", out);
        return ExitCode.OK;
    }

    private static void add(ContactSheet sheet, long index, Drawn drawn) {
        TrainingSample sample = drawn.sample();
        sheet.add("sample " + index, drawn.normal())
                .add("anomaly", RgbImage.fromFloats(sample.width(), sample.height(), sample.image()))
                .add("mask", GreyImage.fromFloats(sample.width(), sample.height(), sample.mask()));
    }
}
