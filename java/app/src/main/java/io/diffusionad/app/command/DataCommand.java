package io.diffusionad.app.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code data}: commands on data sets. */
@Command(
        name = "data",
        description = "Checks, fetches and makes data sets, and writes submissions.",
        subcommands = {DataCheckCommand.class, DataFetchCommand.class, DataSubmitCommand.class, DataDemoCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Examples:", "  diffusionad data check mvtec/bottle", "  diffusionad data demo --out demo-data"})
final class DataCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "data needs a command: data check, data fetch, data submit or data demo");
    }
}
