package io.diffusionad.app.run;

import io.diffusionad.app.console.Console;
import java.util.concurrent.CountDownLatch;

/**
 * Turns Ctrl-C (or a polite kill) during training into a stop that saves: the JVM's end waits until this is closed. Close it when what has to be said
 * and saved is said and saved.
 */
final class Interruption implements AutoCloseable {
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;

    Interruption(Console console, TrainingRun run) {
        hook = new Thread(() -> {
            console.note("");
            console.note("interrupted: saving after the step in progress");
            run.requestStop();
            try {
                finished.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is already on its way out, through this very hook.
            return;
        }
    }
}
