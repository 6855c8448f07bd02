package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.Progress;
import io.diffusionad.app.demodata.DemoDataGenerator;
import io.diffusionad.app.demodata.DemoDataGenerator.Counts;
import io.diffusionad.error.InvalidInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code data demo}: pictures to try things out on. */
@Command(
        name = "demo",
        description = {
            "Paints the demo data: three products at 256x256 with exact masks, in the MVTec layout.",
            "The same seed gives the same bytes."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad data demo --out demo-data",
            "  diffusionad data demo --out big --train 200 --good 50 --defective 100 --seed 7"
        })
final class DataDemoCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = {"-o", "--out"},
            required = true,
            paramLabel = "FOLDER",
            description = "The data set's folder.")
    private Path out;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Another seed paints other pictures (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--train",
            paramLabel = "N",
            defaultValue = "60",
            description = "Good training images a product (default: ${DEFAULT-VALUE}).")
    private int train;

    @Option(
            names = "--good",
            paramLabel = "N",
            defaultValue = "16",
            description = "Good test images a product (default: ${DEFAULT-VALUE}).")
    private int good;

    @Option(
            names = "--defective",
            paramLabel = "N",
            defaultValue = "32",
            description = "Defective test images a product (default: ${DEFAULT-VALUE}).")
    private int defective;

    @Option(names = "--overwrite", description = "Paint over a data set in --out.")
    private boolean overwrite;

    DataDemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Counts counts = counts();
        OutputFolder.prepare(out, DemoDataGenerator.categories().get(0), overwrite);
        AtomicInteger done = new AtomicInteger();
        try (Progress progress = console.progress("data demo", "picture", counts.total())) {
            DemoDataGenerator.generate(out, seed, counts, ignored -> {
                synchronized (progress) {
                    progress.at(done.incrementAndGet());
                }
            });
        }
        console.print("%s", out);
        return ExitCode.OK;
    }

    private Counts counts() {
        try {
            return new Counts(train, good, defective);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    "--train " + train + ", --good " + good + " and --defective " + defective
                            + " are impossible: choose at least 1 training image and at most some thousands of each",
                    e);
        }
    }
}
