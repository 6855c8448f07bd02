package io.diffusionad.app.run;

import io.diffusionad.app.console.Console;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C (or a polite kill) during training into a stop that saves: the JVM's end waits until what has to be said
 * and saved is said and saved, and then some seconds until this is closed. Open it before the device and close it
 * after, so that a card gets back its memory by the book.
 */
public final class Interruption implements AutoCloseable {
    /** What is left after saving are calls of a driver; one that does not answer keeps nobody waiting longer. */
    private static final long SECONDS_TO_CLOSE = 10;

    private final Console console;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "interruption");
    private volatile Scope current;

    public Interruption(Console console) {
        this.console = console;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** While the scope is open, an interruption stops {@code run} and waits for the scope's end. */
    Scope during(TrainingRun run) {
        return current = new Scope(run);
    }

    final class Scope implements AutoCloseable {
        private final TrainingRun run;
        private final CountDownLatch saved = new CountDownLatch(1);

        private Scope(TrainingRun run) {
            this.run = run;
        }

        @Override
        public void close() {
            current = null;
            saved.countDown();
        }
    }

    private void stop() {
        Scope interrupted = current;
        if (interrupted == null) {
            return;
        }
        console.note("");
        console.note("interrupted: saving after the step in progress");
        interrupted.run.requestStop();
        try {
            interrupted.saved.await();
            closed.await(SECONDS_TO_CLOSE, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is already on its way out, through this very hook.
            return;
        }
    }
}
