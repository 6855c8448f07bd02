package io.diffusionad.app.console;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Where the program speaks: results on {@link #out()}, everything about how it is going on {@link #err()}, so that
 * output can be piped. Numbers are always written in English notation. Thread-safe.
 */
public final class Console {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean terminal;
    private volatile boolean quiet;

    /** @param terminal whether {@code err} is a terminal on which a line can be rewritten */
    public Console(PrintWriter out, PrintWriter err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /**
     * The process's own streams; the launcher tells through {@code diffusionad.terminal} whether standard error is a
     * terminal.
     */
    public static Console system() {
        return new Console(
                new PrintWriter(System.out, true),
                new PrintWriter(System.err, true),
                Boolean.getBoolean("diffusionad.terminal"));
    }

    public PrintWriter out() {
        return out;
    }

    public PrintWriter err() {
        return err;
    }

    /** Leaves out {@link #note notes} and progress; results and errors stay. */
    public void setQuiet(boolean quiet) {
        this.quiet = quiet;
    }

    /** A line of results. */
    public void print(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }

    /** A line on what is being done. */
    public void note(String format, Object... arguments) {
        if (!quiet) {
            err.println(String.format(Locale.ROOT, format, arguments));
            err.flush();
        }
    }

    /**
     * Progress over {@code total} items with rate and time left: a bar on a terminal, else a plain line now and then.
     * Tasks of less than a second show nothing.
     *
     * @param unit what is counted, singular: "step", "image"
     */
    public Progress progress(String task, String unit, long total) {
        if (quiet) {
            return new SilentProgress();
        }
        return terminal ? new BarProgress(task, unit, total) : new LineProgress(this, task, unit, total);
    }
}
