package io.diffusionad.backend.cpu;

import java.nio.file.Path;

/**
 * The OpenMP runtime of the process, libgomp, which oneDNN and our own loops share, and what its threads do while they
 * wait for each other: they spin for a moment, in which most waits end, and then sleep. libgomp by itself spins a
 * thousand times longer, which other programs on the same cores pay for, and its own team too.
 */
final class OpenMpRuntime {
    /** A spin is a pause instruction and a look at memory: this many take some tens of microseconds. */
    static final int SPINS = 1000;

    /** The native side counts by these. */
    enum Waiting {
        /** Nothing is loaded. */
        UNKNOWN("have not begun"),
        SHORT("spin briefly and then sleep while they wait"),
        /** Whoever started the process has decided, by GOMP_SPINCOUNT or OMP_WAIT_POLICY. */
        CHOSEN("wait as the environment says"),
        /** Another library had loaded it. */
        FOREIGN(
                "wait as libgomp was told when another library of this process loaded it (GOMP_SPINCOUNT=1000 in the environment makes them sleep)");

        private final String words;

        Waiting(String words) {
            this.words = words;
        }

        /** What its threads do. */
        String words() {
            return words;
        }
    }

    private static volatile Waiting waiting = Waiting.UNKNOWN;

    private OpenMpRuntime() {}

    /**
     * Loads it, unless it is there already. @param library the file of libgomp, beside which the native side of this
     * class was loaded
     */
    static void load(Path library) {
        waiting = Waiting.values()[load(library.toString(), SPINS)];
    }

    static Waiting waiting() {
        return waiting;
    }

    private static native int load(String path, int spins);
}
