package io.diffusionad.data.synthesis;

import io.diffusionad.image.Preparation;

import java.nio.file.Path;

/**
 * What governs synthetic anomalies.
 *
 * @param size side of the samples, pixels, divisible by {@value GridShuffle#GRID}
 * @param preparation how pictures become squares of that size
 * @param seed of everything random
 * @param textureFolder a folder of anomaly textures such as DTD, or null for procedural ones
 * @param foreground where anomalies may lie
 * @param kind whether anomalies may also be made of the image itself
 */
public record SynthesisOptions(
        int size, Preparation preparation, long seed, Path textureFolder, ForegroundChoice foreground, Kind kind) {
    public SynthesisOptions {
        if (size < GridShuffle.GRID || size % GridShuffle.GRID != 0) {
            throw new IllegalArgumentException("the sample size " + size + " must be divisible by " + GridShuffle.GRID);
        }
    }

    /** Defaults: procedural textures, everything found out by itself. */
    public static SynthesisOptions of(int size, Preparation preparation, long seed) {
        return new SynthesisOptions(size, preparation, seed, null, ForegroundChoice.AUTO, Kind.AUTO);
    }

    /** Where anomalies may lie. */
    public enum ForegroundChoice {
        /** Files when present, else what {@link ForegroundExtractor} finds on objects, else everywhere. */
        AUTO,
        /** Everywhere. */
        FULL,
        /** In {@link RandomForeground random regions}. */
        RANDOM
    }

    /** What is pictured. */
    public enum Kind {
        /** The published rules for known categories; else an object if most images show one on a plain background. */
        AUTO,
        /** Anomalies come from textures only. */
        TEXTURE,
        /** Half of the anomalies come from the image itself. */
        OBJECT
    }
}
