package io.diffusionad.app.run;

import io.diffusionad.error.InvalidInputException;

import java.util.Map;

/**
 * What a run knows besides weights and moments; stored with them in the resume file.
 *
 * @param bestStep step of the best checkpoint so far, 0 before the first evaluation
 * @param bestScore its score, higher is better; negative infinity before the first evaluation
 * @param trainedSeconds time spent in training steps, over all sittings
 */
public record RunProgress(long bestStep, double bestScore, double trainedSeconds) {
    public static final RunProgress START = new RunProgress(0, Double.NEGATIVE_INFINITY, 0);
    private static final String BEST_STEP = "diffusionad.best_step";
    private static final String BEST_SCORE = "diffusionad.best_score";
    private static final String TRAINED_SECONDS = "diffusionad.trained_seconds";

    public RunProgress withBest(long step, double score) {
        return new RunProgress(step, score, trainedSeconds);
    }

    public RunProgress plusSeconds(double seconds) {
        return new RunProgress(bestStep, bestScore, trainedSeconds + seconds);
    }

    public Map<String, String> toMetadata() {
        return Map.of(
                BEST_STEP,
                Long.toString(bestStep),
                BEST_SCORE,
                Double.toString(bestScore),
                TRAINED_SECONDS,
                Double.toString(trainedSeconds));
    }

    /** @throws InvalidInputException when an entry is missing or damaged */
    public static RunProgress fromMetadata(Map<String, String> metadata) {
        try {
            return new RunProgress(
                    Long.parseLong(metadata.get(BEST_STEP)),
                    Double.parseDouble(metadata.get(BEST_SCORE)),
                    Double.parseDouble(metadata.get(TRAINED_SECONDS)));
        } catch (NumberFormatException | NullPointerException e) {
            throw new InvalidInputException(
                    "the run cannot be resumed, because its resume file lacks the progress of a training run: begin again with"
                            + " --overwrite",
                    e);
        }
    }
}
