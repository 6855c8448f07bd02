package io.diffusionad.fuzz;

import java.io.IOException;

/**
 * What Jazzer calls: {@code -Dfuzz.target=picture} and so on says which {@link Reader} is meant. {@code scripts/fuzz}
 * starts it.
 */
public final class FuzzTarget {
    private static Reader reader;
    private static Reader.Scratch scratch;

    private FuzzTarget() {}

    public static void fuzzerInitialize() throws IOException {
        reader = Reader.labelled(System.getProperty("fuzz.target"));
        scratch = Reader.Scratch.make();
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Verdict.of(reader, input, scratch);
    }
}
