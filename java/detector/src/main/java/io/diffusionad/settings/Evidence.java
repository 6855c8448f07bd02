package io.diffusionad.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run learnt from and how well it tells held-out good images from held-out ones with synthetic defects: reasons
 * to trust its decisions, or not to.
 *
 * @param trainedImages good images that were trained on
 * @param heldOutImages good images that were not
 * @param auroc image AUROC between held-out good and synthetic images; NaN when it was not measured
 * @param aurocLow lower end of its 95 % interval (Hanley and McNeil 1982); NaN when it was not measured
 * @param found share of the synthetic images above the threshold; NaN when it was not measured
 */
public record Evidence(int trainedImages, int heldOutImages, double auroc, double aurocLow, double found) {
    /** Nothing was recorded, as in checkpoints of earlier versions. */
    public static final Evidence NONE = new Evidence(0, 0, Double.NaN, Double.NaN, Double.NaN);

    private static final String KEY = "evidence";
    private static final long FEW_STEPS = 100;
    private static final int FEW_IMAGES = 10;
    private static final double POOR_AUROC = 0.7;
    private static final double CHANCE = 0.5;
    private static final double FEW_FOUND = 0.1;

    /** Why the decisions should not be trusted, a sentence each. @param steps optimisation steps so far */
    public List<String> warnings(long steps) {
        if (trainedImages == 0) {
            return List.of();
        }
        List<String> warnings = new ArrayList<>();
        if (steps < FEW_STEPS) {
            warnings.add("trained for " + steps + (steps == 1 ? " step" : " steps")
                    + " only: detectors begin to tell defects from good parts after some hundreds");
        }
        if (trainedImages < FEW_IMAGES) {
            warnings.add("trained on " + trainedImages + (trainedImages == 1 ? " picture" : " pictures")
                    + " only: give more good pictures");
        }
        if (heldOutImages == 0) {
            warnings.add(
                    "no good picture was held out: nothing is known about false alarms; give more good pictures, or raise --validation");
        }
        if (auroc < POOR_AUROC || aurocLow <= CHANCE) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "held-out synthetic defects are hardly told from good pictures: image AUROC %.2f (0.5 is chance); train "
                            + "longer",
                    auroc));
        }
        if (found < FEW_FOUND) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "good and defective scores overlap: %.0f %% of the held-out synthetic defects lie above the threshold",
                    100 * found));
        }
        return warnings;
    }

    void addTo(Map<String, String> metadata) {
        if (trainedImages > 0) {
            try {
                metadata.put(
                        MetadataReader.PREFIX + KEY,
                        new ObjectMapper()
                                .writeValueAsString(Map.of(
                                        "trained",
                                        trainedImages,
                                        "heldOut",
                                        heldOutImages,
                                        "synthetic",
                                        Double.isNaN(auroc) ? List.of() : List.of(auroc, aurocLow, found))));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("evidence does not become JSON", e);
            }
        }
    }

    static Evidence from(MetadataReader reader) {
        if (!reader.has(KEY)) {
            return NONE;
        }
        try {
            JsonFields fields = JsonFields.parse(reader.text(KEY));
            List<Number> synthetic = fields.numbers("synthetic");
            Evidence evidence = synthetic.isEmpty()
                    ? new Evidence(
                            fields.integer("trained"), fields.integer("heldOut"), Double.NaN, Double.NaN, Double.NaN)
                    : new Evidence(
                            fields.integer("trained"),
                            fields.integer("heldOut"),
                            synthetic.get(0).doubleValue(),
                            synthetic.get(1).doubleValue(),
                            synthetic.get(2).doubleValue());
            fields.requireNoMore();
            return evidence;
        } catch (JsonProcessingException | IndexOutOfBoundsException e) {
            throw reader.damaged(KEY, e);
        }
    }
}
