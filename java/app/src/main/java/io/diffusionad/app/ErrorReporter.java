package io.diffusionad.app;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.ProgramVersion;
import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/**
 * Turns every failure into one sentence and an exit code. What the user can mend ends with 2; anything else ends with 1
 * and leaves its stack trace in a log file that the sentence names. {@code --debug} prints the trace as well.
 */
final class ErrorReporter implements CommandLine.IParameterExceptionHandler, CommandLine.IExecutionExceptionHandler {
    private final Console console;
    private final BooleanSupplier debug;
    private final String[] arguments;

    ErrorReporter(Console console, BooleanSupplier debug, String[] arguments) {
        this.console = console;
        this.debug = debug;
        this.arguments = arguments.clone();
    }

    @Override
    public int handleParseException(CommandLine.ParameterException e, String[] args) {
        trace(e);
        console.err().println("error: " + e.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, console.err())) {
            console.err().println("see: diffusionad " + helpOf(e.getCommandLine()));
        }
        console.err().flush();
        return ExitCode.BAD_INPUT;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine line, CommandLine.ParseResult result) {
        return handle(e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e, line);
    }

    /** @param line the command line as it was read, whose options the advice is made of */
    int handle(Throwable failure, CommandLine line) {
        trace(failure);
        Optional<String> sentence = FailureSentence.of(failure, new MemoryAdvice(line));
        if (sentence.isPresent()) {
            console.err().println("error: " + sentence.get());
            console.err().flush();
            return ExitCode.BAD_INPUT;
        }
        console.err()
                .println("error: the program failed (" + summary(failure) + "); details are in " + writeLog(failure));
        console.err().flush();
        return ExitCode.FAILED;
    }

    private void trace(Throwable failure) {
        if (debug.getAsBoolean()) {
            failure.printStackTrace(console.err());
        }
    }

    private String writeLog(Throwable failure) {
        try {
            Path log = Files.createTempFile("diffusionad-failure-", ".log");
            try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(log, StandardCharsets.UTF_8))) {
                writer.println(ProgramVersion.describe());
                writer.println("arguments: " + List.of(arguments));
                failure.printStackTrace(writer);
            }
            return log.toString();
        } catch (IOException e) {
            return "the trace that --debug prints (no log could be written: " + e.getMessage() + ")";
        }
    }

    private static String summary(Throwable failure) {
        return failure.getClass().getSimpleName()
                + (failure.getMessage() == null
                        ? ""
                        : ": " + failure.getMessage().lines().findFirst().orElse(""));
    }

    private static String helpOf(CommandLine line) {
        String names = line.getCommandSpec().qualifiedName(" ");
        int space = names.indexOf(' ');
        return (space < 0 ? "" : names.substring(space + 1) + " ") + "--help";
    }
}
