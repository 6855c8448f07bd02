package io.diffusionad.evaluate;

import io.diffusionad.data.TestImage;
import io.diffusionad.data.TestSample;
import io.diffusionad.image.Placement;
import io.diffusionad.metrics.ScoredImage;

import java.lang.ref.SoftReference;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One evaluated test image. Picture and map are read again when they are asked for, so that a large test set needs
 * little memory.
 */
public final class ImageResult {
    private final TestImage file;
    private final double score;
    private final String invalidReason;
    private final Supplier<TestSample> sample;
    private final Supplier<float[]> scoreMap;
    private volatile SoftReference<TestSample> latest = new SoftReference<>(null);

    /** @param invalidReason null for a valid picture */
    ImageResult(
            TestImage file,
            double score,
            String invalidReason,
            Supplier<TestSample> sample,
            Supplier<float[]> scoreMap) {
        this.file = file;
        this.score = score;
        this.invalidReason = invalidReason;
        this.sample = sample;
        this.scoreMap = scoreMap;
    }

    /** A result that is in memory. */
    public ImageResult(TestSample sample, ScoredImage scored) {
        this(sample.file(), scored.imageScore(), null, () -> sample, scored::scoreMap);
    }

    /** Where it comes from, and the truth about it. */
    public TestImage file() {
        return file;
    }

    /** Higher = more anomalous. */
    public double score() {
        return score;
    }

    /**
     * Why the picture is none of the part, so that its score means nothing; empty for a valid one and where the
     * checkpoint does not know.
     */
    public Optional<String> invalidReason() {
        return Optional.ofNullable(invalidReason);
    }

    /**
     * The image and its mask at the model's size. @throws io.diffusionad.error.InvalidInputException when they can no
     * longer be read
     */
    public TestSample sample() {
        TestSample known = latest.get();
        if (known == null) {
            known = sample.get();
            latest = new SoftReference<>(known);
        }
        return known;
    }

    /** Map and mask of the part of the model's square that the picture fills, while the evaluation is open. */
    public ScoredImage scored() {
        TestSample known = sample();
        Placement placement = known.placement();
        return new ScoredImage(
                placement.insideWidth(),
                placement.insideHeight(),
                score,
                file.anomalous(),
                scoreMap.get(),
                known.mask() == null ? null : placement.inside(known.mask()));
    }
}
