package io.diffusionad.data.synthesis;

import java.util.random.RandomGenerator;

/** Where on a training image anomalies may lie. Thread-safe; the answer depends on the arguments alone. */
public interface Foreground {
    /** Anomalies anywhere. */
    Foreground FULL = new Foreground() {
        @Override
        public float[] of(int image, RandomGenerator random) {
            return null;
        }

        @Override
        public String description() {
            return "the whole image";
        }
    };

    /** @return (H, W) in [0, 1] for training image number {@code image}, not to be changed; or null for everywhere */
    float[] of(int image, RandomGenerator random);

    /** For the log. */
    String description();
}
