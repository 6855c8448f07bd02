package io.diffusionad.app.run;

/** Where on an image synthetic anomalies may lie. */
public enum Foreground {
    /** Foreground files beside the data when there are any, else {@link #EXTRACT}. */
    AUTO,
    /** Found in the image itself by its difference from the background. */
    EXTRACT,
    /** Everywhere: for textures and pictures that the object fills. */
    FULL,
    /** A random part of the image, drawn anew for every sample. */
    RANDOM
}
