package io.diffusionad.app.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code data}: commands on data sets. */
@Command(name = "data", description = "Makes and fetches data sets.", subcommands = {DataDemoCommand.class, DataFetchCommand.class, DataSubmitCommand.class}, synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example:", "  diffusionad data demo --out demo-data"})
final class DataCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "data needs a command: data demo, data fetch or data submit");
    }
}
