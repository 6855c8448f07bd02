package io.diffusionad.data.synthesis;

import io.diffusionad.image.RgbImage;

/** Pictures that anomalies are cut from. Thread-safe; {@code get(i)} always returns the same picture. */
public interface AnomalyTextures {
    /** How many there are, at least 1. */
    int count();

    /** Texture 0 ≤ {@code index} &lt; count, at the training size. */
    RgbImage get(int index);

    /** What they are, for the log: e.g. the folder and the number of files. */
    String description();
}
