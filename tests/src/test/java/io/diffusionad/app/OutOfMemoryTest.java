package io.diffusionad.app;

import io.diffusionad.app.console.Console;
import io.diffusionad.tensor.OutOfDeviceMemoryException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A sentence that names {@code --batch}, wherever memory ran out. */
class OutOfMemoryTest {
    /** A command whose work fails. */
    @Command(name = "work")
    static class Work implements Callable<Integer> {
        @Option(names = "--batch", defaultValue = "4")
        private int batch;

        private final Callable<Integer> failing;

        Work(Callable<Integer> failing) {
            this.failing = failing;
        }

        @Override
        public Integer call() throws Exception {
            return failing.call();
        }
    }

    /** One that trains, and may go on. */
    @Command(name = "training")
    static final class Training extends Work {
        @Option(names = "--micro-batch")
        private int microBatch;

        @Option(names = "--resume")
        private boolean resume;

        Training(Callable<Integer> failing) {
            super(failing);
        }
    }

    @Test
    void aRunThatGoesOnTakesNoOtherSettings() {
        Callable<Integer> heap = () -> {
            throw new OutOfMemoryError("Java heap space");
        };
        assertTrue(run(new Training(heap)).contains("choose a smaller --batch"));
        String message = run(new Training(heap), "--resume");
        assertTrue(message.contains("-Xmx") && !message.contains("--batch"), message);
        Callable<Integer> device = () -> {
            throw new OutOfDeviceMemoryException("the system refused 12 MiB of memory");
        };
        assertTrue(run(new Training(device)).contains("--micro-batch"));
        message = run(new Training(device), "--resume");
        assertTrue(message.contains("--resume") && !message.contains("batch"), message);
    }

    @Test
    void theJavaHeap() {
        String message =
                run(() -> new byte[Integer.MAX_VALUE].length + new byte[Integer.MAX_VALUE].length, "--batch", "64");
        assertTrue(
                message.contains("Java heap")
                        && message.contains("smaller --batch than 64")
                        && message.contains("-Xmx"),
                message);
    }

    @Test
    void aWorkerOfAParallelStream() {
        String message = run(() -> IntStream.range(0, 64)
                .parallel()
                .map(i -> {
                    throw new OutOfMemoryError("Java heap space");
                })
                .sum());
        assertTrue(message.contains("smaller --batch than 4"), message);
    }

    @Test
    void aTaskOfAnotherThread() {
        String message = run(() -> {
            throw new IllegalStateException(
                    "a task failed", new ExecutionException(new OutOfMemoryError("Java heap space")));
        });
        assertTrue(message.contains("--batch"), message);
    }

    @Test
    void theDevice() {
        String message = run(() -> {
            throw new OutOfDeviceMemoryException("the system refused 12 MiB of memory");
        });
        assertTrue(message.contains("12 MiB") && message.contains("smaller --batch than 4"), message);
    }

    @Test
    void aBatchOfOneIsNotToBeLowered() {
        String message = run(
                () -> {
                    throw new OutOfMemoryError("Java heap space");
                },
                "--batch",
                "1");
        assertTrue(message.contains("--batch is 1 already") && !message.contains("smaller --batch"), message);
    }

    @Test
    void aDeviceWithABatchOfOneIsNotHelpedBySmallerPictures() {
        String message = run(
                () -> {
                    throw new OutOfDeviceMemoryException("the system refused 12 MiB of memory");
                },
                "--batch",
                "1");
        assertTrue(
                message.contains("--batch is 1 already") && message.contains("--device") && !message.contains("scale"),
                message);
    }

    @Test
    void threadsAreNoHeap() {
        String message = run(() -> {
            throw new OutOfMemoryError(
                    "unable to create native thread: possibly out of memory or process/resource limits reached");
        });
        assertTrue(message.contains("thread") && !message.contains("-Xmx") && !message.contains("--batch"), message);
    }

    private static String run(Callable<Integer> failing, String... arguments) {
        return run(new Work(failing), arguments);
    }

    private static String run(Work work, String... arguments) {
        StringWriter err = new StringWriter();
        int exitCode = Main.run(
                new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), false),
                work,
                () -> false,
                arguments);
        String text = err.toString();
        assertEquals(2, exitCode, text);
        assertEquals(1, text.lines().count(), text);
        assertFalse(text.contains("\tat "), text);
        return text;
    }
}
