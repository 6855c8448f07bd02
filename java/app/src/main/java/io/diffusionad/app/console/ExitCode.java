package io.diffusionad.app.console;

/** How a command ends; the meanings are part of the interface (docs/exit-codes.md). */
public final class ExitCode {
    public static final int OK = 0;
    /** The command ran and its answer is "no" (verify), or the program itself failed. */
    public static final int FAILED = 1;
    /** The user can mend it: a file, a folder, a setting, a missing device. Nothing was overwritten. */
    public static final int BAD_INPUT = 2;
    /** Some of the pictures could not be read; the results of the others are complete. */
    public static final int PARTLY = 3;
    /** Ctrl-C; what had been computed is saved. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
