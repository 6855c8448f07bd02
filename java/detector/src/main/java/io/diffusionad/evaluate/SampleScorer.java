package io.diffusionad.evaluate;

import io.diffusionad.data.TrainingSample;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.detect.Scored;
import io.diffusionad.frame.FrameStatistics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Scores samples whose truth is known from their making: held-out images, as they are and with synthetic anomalies. One
 * thread at a time.
 */
public final class SampleScorer {
    private final DetectionPipeline pipeline;
    private final int batch;

    /** @param batch images computed at once */
    public SampleScorer(DetectionPipeline pipeline, int batch) {
        this.pipeline = pipeline;
        this.batch = batch;
    }

    /** @param progress hears how many samples are done; @return in the order of the samples */
    public List<ScoredSample> score(List<TrainingSample> samples, LongConsumer progress) {
        List<ScoredSample> results = new ArrayList<>();
        for (int from = 0; from < samples.size(); from += batch) {
            List<TrainingSample> part = List.copyOf(samples.subList(from, Math.min(from + batch, samples.size())));
            List<Scored> scored =
                    pipeline.score(part.stream().map(TrainingSample::image).toList());
            for (int i = 0; i < part.size(); i++) {
                TrainingSample sample = part.get(i);
                results.add(new ScoredSample(
                        sample.scored(scored.get(i).scoreMap()),
                        FrameStatistics.of(
                                sample.image(),
                                sample.width(),
                                sample.height(),
                                scored.get(i).residual())));
            }
            progress.accept(results.size());
        }
        return results;
    }
}
