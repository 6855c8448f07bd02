package io.diffusionad.benchmarks.peer;

import java.util.Map;

/** Work that several programs do in turn, each in a process of its own, on the same weights and inputs. */
public interface PeerTask extends AutoCloseable {
    /** The program and its version. */
    String description();

    /**
     * What the programs are compared by before anything is timed: named results in the reference's order of elements.
     * Called before the first run.
     */
    Map<String, float[]> outputs();

    /** Does the work once; finished on return. */
    void run();

    @Override
    void close();
}
