package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import io.diffusionad.data.TrainingImages;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.data.synthesis.AnomalySynthesizer;
import io.diffusionad.data.synthesis.SynthesisOptions;
import io.diffusionad.random.Purpose;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/**
 * Held-out good images as they are, and as many samples with synthetic anomalies on them: what a run is judged by
 * without looking at a test image.
 *
 * @param samples to judge by, normal samples first
 * @param further good images besides, for thresholds alone; made when they are looked at
 */
public record ValidationSet(List<TrainingSample> samples, List<TrainingSample> further) {
    /** Nothing is held out. */
    public static final ValidationSet NONE = new ValidationSet(List.of(), List.of());
    /** Samples of either kind, at most: enough to rank checkpoints, little enough to be scored twenty times a run. */
    private static final int MOST = 48;
    /** Samples with anomalies, at least, even if few images are held out. */
    private static final int FEWEST_ANOMALIES = 16;
    /** Good images that calibrate, at most: their scores travel in the checkpoint. */
    public static final int MOST_CALIBRATING = 400;

    /** @param heldOut good images that were not trained on */
    public static ValidationSet of(Category heldOut, SynthesisOptions options) {
        AnomalySynthesizer synthesizer = AnomalySynthesizer.of(heldOut, options, Purpose.VALIDATION);
        TrainingImages images = synthesizer.images();
        List<TrainingSample> samples = new ArrayList<>();
        int normal = Math.min(MOST, images.count());
        for (int i = 0; i < normal; i++) {
            samples.add(images.good(i));
        }
        int total = normal + Math.max(FEWEST_ANOMALIES, normal);
        // Half of a synthesizer's samples are anomalous; the bound ends the search when a foreground leaves no room for
        // anomalies.
        for (long index = 0; samples.size() < total && index < 20L * total; index++) {
            TrainingSample sample = synthesizer.sample(index);
            if (sample.anomalous()) {
                samples.add(sample);
            }
        }
        return new ValidationSet(
                samples, images.good(normal, Math.max(normal, Math.min(MOST_CALIBRATING, images.count()))));
    }

    /** All good samples: those of {@link #samples} and {@link #further}. */
    public List<TrainingSample> good() {
        List<TrainingSample> judged =
                samples.stream().filter(sample -> !sample.anomalous()).toList();
        return new AbstractList<>() {
            @Override
            public TrainingSample get(int index) {
                return index < judged.size() ? judged.get(index) : further.get(index - judged.size());
            }

            @Override
            public int size() {
                return judged.size() + further.size();
            }
        };
    }
}
