package io.diffusionad.app.run;

import java.util.List;

/** Good images as they are, to calibrate a model on. */
public final class GoodImages {
    /** Enough for thresholds; more cost time alone. */
    private static final int MOST = 64;

    private GoodImages() {}

    /** The first of a list, as many as calibration looks at. */
    public static <T> List<T> some(List<T> images) {
        return images.subList(0, Math.min(MOST, images.size()));
    }
}
