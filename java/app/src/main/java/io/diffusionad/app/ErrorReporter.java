package io.diffusionad.app;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.ProgramVersion;
import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.tensor.OutOfDeviceMemoryException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;

/**
 * Turns every failure into one sentence and an exit code. What the user can mend ends with 2; anything else ends with 1 and leaves its stack
 * trace in a log file that the sentence names. {@code --debug} prints the trace as well.
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
        Throwable failure = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        trace(failure);
        Optional<String> sentence = userSentence(failure);
        if (sentence.isPresent()) {
            console.err().println("error: " + sentence.get());
            console.err().flush();
            return ExitCode.BAD_INPUT;
        }
        console.err().println("error: the program failed (" + summary(failure) + "); details are in " + writeLog(failure));
        console.err().flush();
        return ExitCode.FAILED;
    }

    /** The sentence for failures that the user can mend; empty for the program's own. */
    static Optional<String> userSentence(Throwable failure) {
        if (failure instanceof InvalidInputException || failure instanceof DeviceUnavailableException
                || failure instanceof OutOfDeviceMemoryException) {
            return Optional.of(failure.getMessage());
        }
        if (failure instanceof OutOfMemoryError) {
            return Optional.of("the Java heap is full (" + failure.getMessage()
                    + "): give it more with DIFFUSIONAD_JAVA_OPTS=-Xmx4g, or choose a smaller --batch");
        }
        if (failure instanceof UncheckedIOException unchecked) {
            return userSentence(unchecked.getCause());
        }
        if (failure instanceof IOException io) {
            return Optional.of(fileSentence(io));
        }
        return Optional.empty();
    }

    private static String fileSentence(IOException e) {
        if (e instanceof InvalidFileException) {
            return e.getMessage();
        }
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return "there is no file or folder " + e.getMessage() + ": check the path";
        }
        if (e instanceof AccessDeniedException) {
            return "no permission for " + e.getMessage() + ": choose another place or change its rights";
        }
        if (e instanceof NotDirectoryException) {
            return e.getMessage() + " is not a folder: choose another path";
        }
        if (e instanceof FileAlreadyExistsException) {
            return e.getMessage() + " is a file where a folder is needed: choose another path";
        }
        if (e instanceof FileSystemException fs && fs.getReason() != null) {
            return fs.getFile() + ": " + fs.getReason() + "; choose another path or mend that one";
        }
        return "a file could not be read or written: " + e.getMessage();
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
        return failure.getClass().getSimpleName() + (failure.getMessage() == null ? "" : ": " + failure.getMessage().lines().findFirst().orElse(""));
    }

    private static String helpOf(CommandLine line) {
        String names = line.getCommandSpec().qualifiedName(" ");
        int space = names.indexOf(' ');
        return (space < 0 ? "" : names.substring(space + 1) + " ") + "--help";
    }
}
