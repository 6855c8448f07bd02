package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.demo.Demo;
import io.diffusionad.app.demo.DemoSettings;
import io.diffusionad.app.run.Interruption;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code demo}: the whole way in minutes. */
@Command(
        name = "demo",
        description = {
            "Paints three products, trains a small detector on the good pictures of each, and shows what it finds in others.",
            "Three to seven minutes on two cores; the same numbers on every run on one machine."
        },
        footer = {"", "Examples:", "  diffusionad demo", "  diffusionad demo --out /tmp/demo --device cpu"})
final class DemoCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FOLDER",
            defaultValue = "demo",
            description = "Where everything goes (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Training steps a product, instead of the demo's own number.")
    private Long steps;

    @Option(names = "--overwrite", description = "Replace an earlier demo in --out.")
    private boolean overwrite;

    @Mixin
    private DeviceChoice device;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (steps != null && steps < 1) {
            throw new InvalidInputException("--steps " + steps + " is impossible: choose at least 1");
        }
        OutputFolder.prepare(out, "index.html", overwrite);
        try (Interruption interruption = new Interruption(console);
                Device opened = device.open()) {
            DemoSettings settings = steps == null ? DemoSettings.DEFAULT : DemoSettings.DEFAULT.withSteps(steps);
            return new Demo(console, settings).run(out, opened, interruption).isPresent()
                    ? ExitCode.OK
                    : ExitCode.INTERRUPTED;
        }
    }
}
