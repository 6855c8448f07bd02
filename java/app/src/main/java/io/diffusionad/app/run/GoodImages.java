package io.diffusionad.app.run;

import io.diffusionad.data.TrainingImages;
import io.diffusionad.data.TrainingSample;
import java.util.List;

/** Good images as they are, to calibrate a model on. */
public final class GoodImages {
    /** Enough for thresholds; more cost time alone. */
    private static final int MOST = 64;

    private GoodImages() { }

    /** The first of a list, as many as calibration looks at. */
    public static <T> List<T> some(List<T> images) {
        return images.subList(0, Math.min(MOST, images.size()));
    }

    /** Some of the images as samples without an anomaly. */
    public static List<TrainingSample> samples(TrainingImages images) {
        return some(images.images()).stream().map(image -> new TrainingSample(image.width(), image.height(), image.toFloats(),
                new float[image.width() * image.height()], false)).toList();
    }
}
