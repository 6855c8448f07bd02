package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ProgramVersion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program without a command: prints its help. Holds the options that every command understands. */
@Command(
        name = "diffusionad",
        description =
                "Finds defects in pictures after training on pictures without any: one-step denoising diffusion (DiffusionAD, TPAMI 2025).",
        versionProvider = ProgramVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            DetectCommand.class,
            SynthesizeCommand.class,
            DataCommand.class,
            DemoCommand.class,
            CalibrateCommand.class,
            VerifyCommand.class,
            ConvertCommand.class,
            InfoCommand.class
        },
        footer = {
            "",
            "Begin with:  ./diffusionad demo",
            "Exit codes:  0 fine, 1 failed, 2 something you gave cannot be used, 130 interrupted and saved.",
            "Tests:       ./diffusionad test  (the launcher runs them with Maven; further arguments go to mvn)",
            "Benchmarks:  ./diffusionad bench --help  (a program of its own, which the launcher builds)"
        })
public final class RootCommand implements Runnable {
    private final Console console;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the version and exit.")
    private boolean version;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Print a stack trace with every error.")
    private boolean debug;

    @Option(
            names = {"-q", "--quiet"},
            scope = ScopeType.INHERIT,
            description = "Print results and errors only.")
    private void quiet(boolean quiet) {
        console.setQuiet(quiet);
    }

    public RootCommand(Console console) {
        this.console = console;
    }

    public boolean debug() {
        return debug;
    }

    @Override
    public void run() {
        spec.commandLine().usage(console.out());
    }
}
