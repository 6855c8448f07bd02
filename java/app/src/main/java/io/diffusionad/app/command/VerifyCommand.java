package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.Precision;
import io.diffusionad.verify.GoldenFolder;
import io.diffusionad.verify.Verifier;
import io.diffusionad.verify.VerifyReport;
import io.diffusionad.verify.VerifyResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code verify}: whether this machine computes what the original program computed. */
@Command(
        name = "verify",
        sortOptions = false,
        description = {
            "Replays recorded tensors of the original program on a device and compares: a line a quantity with its error and its bound.",
            "Exit code 1 if any is out of its bound. Without a folder the small recordings inside the program are used."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad verify",
            "  diffusionad verify recordings/ --device cuda --precision bf16"
        })
final class VerifyCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "FOLDER", arity = "0..1", description = "Recordings (safetensors).")
    private Path folder;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description = "float32 (default), bf16 or auto.")
    private Precision precision;

    @Option(names = "--failures", description = "Print only the quantities that are out of their bounds.")
    private boolean failuresOnly;

    @Mixin
    private DeviceChoice device;

    VerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        precision.requireFloating("verify");
        if (folder != null && !Files.isDirectory(folder)) {
            throw new InvalidInputException("there is no folder " + folder
                    + ": name one with recordings, or none for those inside the program");
        }
        try (Device opened = device.open();
                GoldenFolder recordings = folder == null ? GoldenFolder.builtIn() : GoldenFolder.of(folder)) {
            console.note("device %s: %s", opened.name(), opened.description());
            VerifyReport report = Verifier.run(recordings, opened, precision.on(opened), this::print);
            report.skipped().forEach(name -> console.note("skipped, nothing known in it: %s", name));
            if (report.results().isEmpty()) {
                throw new InvalidInputException(folder + " holds no recordings that are known: name another folder");
            }
            int failures = report.failures().size();
            console.print(
                    "%d of %d quantities within their bounds%s",
                    report.results().size() - failures,
                    report.results().size(),
                    failures == 0 ? "" : ", " + failures + " out of them");
            return report.passed() ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    private void print(VerifyResult result) {
        if (!failuresOnly || !result.passed()) {
            console.print(
                    "%s  %-28s %-56s error %.3e  bound %.3e",
                    result.passed() ? "ok  " : "FAIL",
                    result.file(),
                    result.quantity(),
                    result.error(),
                    result.bound());
        }
    }
}
