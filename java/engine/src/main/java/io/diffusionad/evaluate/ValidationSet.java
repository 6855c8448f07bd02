package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import io.diffusionad.data.TrainingImages;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.data.synthesis.AnomalySynthesizer;
import io.diffusionad.data.synthesis.SynthesisOptions;
import io.diffusionad.random.Purpose;
import java.util.ArrayList;
import java.util.List;

/** Held-out good images as they are, and as many samples with synthetic anomalies on them: what a run is judged by without looking at a test image. */
public final class ValidationSet {
    /** Samples of either kind, at most: enough to rank checkpoints, little enough to be scored twenty times a run. */
    private static final int MOST = 48;
    /** Samples with anomalies, at least, even if few images are held out. */
    private static final int FEWEST_ANOMALIES = 16;

    private ValidationSet() { }

    /** Normal samples first. @param heldOut good images that were not trained on */
    public static List<TrainingSample> of(Category heldOut, SynthesisOptions options) {
        AnomalySynthesizer synthesizer = AnomalySynthesizer.of(heldOut, options, Purpose.VALIDATION);
        TrainingImages images = synthesizer.images();
        List<TrainingSample> samples = new ArrayList<>();
        int normal = Math.min(MOST, images.count());
        for (int i = 0; i < normal; i++) {
            samples.add(new TrainingSample(images.width(), images.height(), images.get(i).toFloats(), new float[images.width() * images.height()], false));
        }
        int total = normal + Math.max(FEWEST_ANOMALIES, normal);
        // Half of a synthesizer's samples are anomalous; the bound ends the search when a foreground leaves no room for anomalies.
        for (long index = 0; samples.size() < total && index < 20L * total; index++) {
            TrainingSample sample = synthesizer.sample(index);
            if (sample.anomalous()) {
                samples.add(sample);
            }
        }
        return samples;
    }
}
