package io.diffusionad.app;

import io.diffusionad.app.command.RootCommand;
import io.diffusionad.app.console.Console;
import picocli.CommandLine;

import java.util.function.BooleanSupplier;

/** Entry point of the command line. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(run(Console.system(), args));
    }

    /**
     * Runs one command line to its end.
     *
     * @return the exit code of docs/exit-codes.md: 0, 1, 2, 3 or 130
     */
    public static int run(Console console, String... args) {
        RootCommand root = new RootCommand(console);
        return run(console, root, root::debug, args);
    }

    /**
     * Runs a command of another program (the benchmarks) by the same rules.
     *
     * @param command a picocli command
     * @param debug whether errors print their stack traces, asked after the arguments were read
     */
    public static int run(Console console, Object command, BooleanSupplier debug, String... args) {
        CommandLine line = new CommandLine(command, new ConsoleFactory(console))
                .setOut(console.out())
                .setErr(console.err())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setAbbreviatedOptionsAllowed(true)
                .setOverwrittenOptionsAllowed(true);
        ErrorReporter errors = new ErrorReporter(console, debug, args);
        line.setParameterExceptionHandler(errors);
        line.setExecutionExceptionHandler(errors);
        try {
            return line.execute(args);
        } catch (Error e) { // picocli handles exceptions only; a full heap deserves a sentence as well
            return errors.handle(e, line);
        }
    }
}
