package io.diffusionad.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.metrics.DecisionThreshold;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where "defective" begins, and the scores of good images it was learnt from. Only images that were not trained on
 * promise a rate of false alarms.
 *
 * @param threshold images that score above it are defective; NaN when unknown
 * @param pixelThreshold pixels that score at least this much belong to the defect's mask; NaN when unknown
 * @param images how many good images determined them
 * @param rate the false alarm rate that was asked for; NaN when unknown
 * @param heldOut scores of good images that were not trained on, ascending; empty where they were not stored
 * @param trained scores of good images that were trained on and took part because few were held out, ascending
 */
public record Calibration(
        double threshold, double pixelThreshold, int images, double rate, List<Double> heldOut, List<Double> trained) {
    public static final Calibration NONE = new Calibration(Double.NaN, Double.NaN, 0);

    /** With at least this many held-out images, they alone decide. */
    public static final int ENOUGH_HELD_OUT = 20;

    private static final String THRESHOLD = "threshold";
    private static final String PIXEL_THRESHOLD = "pixel_threshold";
    private static final String IMAGES = "calibration_images";
    private static final String RATE = "false_alarm_rate";
    private static final String HELD_OUT = "good_scores";
    private static final String TRAINED = "trained_scores";

    public Calibration {
        heldOut = heldOut.stream().sorted().toList();
        trained = trained.stream().sorted().toList();
    }

    /** Thresholds alone, whose scores are unknown: they promise nothing. */
    public Calibration(double threshold, double pixelThreshold, int images) {
        this(threshold, pixelThreshold, images, Double.NaN, List.of(), List.of());
    }

    /**
     * Places the threshold by the rank of {@link DecisionThreshold}. Held-out scores give the promise. Where they are
     * few, those of training images may raise the threshold, which keeps the promise; without any held-out score they
     * place it, without a promise.
     *
     * @param heldOut scores of good images that were not trained on
     * @param trained scores of good images that were trained on, looked at only beside few held-out ones
     * @return a threshold of NaN when there is no score at all
     */
    public static Calibration of(List<Double> heldOut, List<Double> trained, double pixelThreshold, double rate) {
        List<Double> joining = heldOut.size() < ENOUGH_HELD_OUT ? trained : List.of();
        List<Double> all = Stream.concat(heldOut.stream(), joining.stream()).toList();
        double threshold = Double.NaN;
        if (!all.isEmpty()) {
            threshold = DecisionThreshold.of(array(all), rate).value();
        }
        if (!heldOut.isEmpty()) {
            double promising = DecisionThreshold.of(array(heldOut), rate).value();
            threshold = joining.isEmpty() ? promising : Math.max(promising, threshold);
        }
        return new Calibration(threshold, pixelThreshold, all.size(), rate, heldOut, joining);
    }

    /**
     * The calibration at another rate of false alarms, from the stored scores.
     *
     * @throws InvalidInputException when the rate is impossible or no scores are stored
     */
    public Calibration at(double falseAlarms) {
        requireRate(falseAlarms);
        if (heldOut.isEmpty() && trained.isEmpty()) {
            throw new InvalidInputException(
                    "the checkpoint holds no calibration scores, so --false-alarms cannot move its threshold: run  diffusionad "
                            + "calibrate --unseen  with good images that were not trained on, or leave out --false-alarms");
        }
        return of(heldOut, trained, pixelThreshold, falseAlarms);
    }

    /** @throws InvalidInputException for a rate outside 0 to 1 */
    public static double requireRate(double falseAlarms) {
        if (!(falseAlarms > 0 && falseAlarms < 1)) {
            throw new InvalidInputException("--false-alarms " + falseAlarms
                    + " is no rate: choose a number above 0 and below 1, 0.02 for one good image in fifty");
        }
        return falseAlarms;
    }

    /** Rank, promised rate and interval by the held-out scores; empty when none are stored. */
    public Optional<DecisionThreshold> decision() {
        return heldOut.isEmpty() || Double.isNaN(rate)
                ? Optional.empty()
                : Optional.of(DecisionThreshold.of(array(heldOut), rate));
    }

    /** Share of the calibration's good scores at or below a score, 0 to 100; NaN when none are stored. */
    public double percentile(double score) {
        long below = Stream.concat(heldOut.stream(), trained.stream())
                .filter(good -> good <= score)
                .count();
        int all = heldOut.size() + trained.size();
        return all == 0 ? Double.NaN : 100.0 * below / all;
    }

    /** What the threshold promises, in a sentence for people. */
    public String promise() {
        if (Double.isNaN(threshold)) {
            return "no threshold: the model was never calibrated";
        }
        Optional<DecisionThreshold> decision = decision();
        if (decision.isEmpty()) {
            return trained.isEmpty()
                    ? "nothing is known about its false alarms: the checkpoint holds no calibration scores"
                    : "no rate of false alarms is promised: nothing was held out, and " + trained.size()
                            + " images that were trained on set it";
        }
        DecisionThreshold by = decision.get();
        double[] interval = by.interval();
        String rates = String.format(
                Locale.ROOT,
                "%s of good images are reported (95 %% interval of the true rate: %s to %s)",
                percent(by.promisedRate()),
                percent(interval[0]),
                percent(interval[1]));
        return by.keepsWish()
                ? "at most " + rates + ", by " + by.images() + " held-out good images"
                : by.images() + " held-out good " + (by.images() == 1 ? "image promises" : "images promise")
                        + " at best that " + rates + "; " + percent(by.wishedRate()) + " could be promised with "
                        + DecisionThreshold.imagesFor(by.wishedRate());
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.0995 ? "%.2g %%" : "%.0f %%", 100 * share);
    }

    /** @param prefix before each key */
    void addTo(Map<String, String> metadata, String prefix) {
        String before = MetadataReader.PREFIX + prefix;
        metadata.put(before + THRESHOLD, Double.toString(threshold));
        metadata.put(before + PIXEL_THRESHOLD, Double.toString(pixelThreshold));
        metadata.put(before + IMAGES, Integer.toString(images));
        if (!Double.isNaN(rate)) {
            metadata.put(before + RATE, Double.toString(rate));
            metadata.put(before + HELD_OUT, json(heldOut));
            metadata.put(before + TRAINED, json(trained));
            decision().ifPresent(decision -> {
                // For other readers of the file: this program derives them from the scores.
                metadata.put(before + "promised_false_alarms", Double.toString(decision.promisedRate()));
                metadata.put(
                        before + "false_alarm_interval", json(List.of(decision.interval()[0], decision.interval()[1])));
            });
        }
    }

    /** Files without scores, as earlier versions wrote them, keep their thresholds. */
    static Calibration from(MetadataReader reader, String prefix) {
        double threshold = reader.number(prefix + THRESHOLD);
        double pixelThreshold = reader.number(prefix + PIXEL_THRESHOLD);
        int images = (int) reader.integer(prefix + IMAGES);
        if (!reader.has(prefix + RATE)) {
            return new Calibration(threshold, pixelThreshold, images);
        }
        double rate = reader.number(prefix + RATE);
        if (!(rate > 0 && rate < 1)) {
            throw reader.damaged(prefix + RATE, null);
        }
        return new Calibration(
                threshold,
                pixelThreshold,
                images,
                rate,
                scores(reader, prefix + HELD_OUT),
                scores(reader, prefix + TRAINED));
    }

    private static List<Double> scores(MetadataReader reader, String key) {
        try {
            List<Double> scores = JsonFields.parse("{\"scores\":" + reader.text(key) + "}").numbers("scores").stream()
                    .map(Number::doubleValue)
                    .toList();
            if (!scores.stream().allMatch(Double::isFinite)) {
                throw reader.damaged(key, null);
            }
            return scores;
        } catch (JsonProcessingException e) {
            throw reader.damaged(key, e);
        }
    }

    private static String json(List<Double> numbers) {
        try {
            return new ObjectMapper().writeValueAsString(numbers);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers do not become JSON", e);
        }
    }

    private static double[] array(List<Double> scores) {
        return scores.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
