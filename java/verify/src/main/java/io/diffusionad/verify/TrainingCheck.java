package io.diffusionad.verify;

import io.diffusionad.tensor.DType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A trajectory of optimisation steps of both networks: losses and learning rate of every step, and how far each
 * parameter has moved at the end.
 *
 * <p>Training magnifies any difference from step to step (Adam's first steps follow the gradient's signs), so a bound
 * for single steps cannot hold for twelve. How much it magnifies is measured, by a <b>twin</b> on the same device whose
 * first batch differs by one unit of the precision, unless the recording brings such a measurement along
 * ({@link TrainingScatter}): the recorded losses and changes, which differ by the rounding of another machine, may lie
 * farther away than the twin by the scatter of single draws, a factor {@value #LOSS_SCATTER} for a loss (one number)
 * and {@value #CHANGE_SCATTER} for a parameter's change (many), and a step's own rounding besides.
 *
 * <p>Some gradients are zero but for rounding: a bias right before a batch normalisation, a channel's bias before a
 * group of one channel. Rounding alone decides where Adam sends such parameters, and how far: less in a finer
 * precision. The twin shows which they are (it ends elsewhere altogether); they are only held to Adam's speed limit,
 * the sum of the learning rates.
 */
final class TrainingCheck implements Check {
    private static final double LOSS_SCATTER = 10;
    private static final double CHANGE_SCATTER = 4;
    private static final List<String> COLUMNS = List.of("total", "noise", "focal", "smooth_l1");
    private static final double RATE_BOUND = 1e-12; // float64 on both sides

    @Override
    public boolean accepts(GoldenFile file) {
        return file.has("losses", "step0.x") && file.hasMetadata("unet") && file.hasMetadata("segmentation");
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        Trajectory actual = Trajectory.run(file, replay, 0);
        TrainingScatter scatter = replay.precision() == DType.FLOAT32 && TrainingScatter.isIn(file)
                ? TrainingScatter.read(file, actual.losses().size())
                : TrainingScatter.measure(file, replay, actual);
        compareLosses(file, replay, actual, scatter);
        compareRates(file, replay, actual);
        compareChanges(file, replay, actual, scatter);
    }

    private static void compareLosses(GoldenFile file, Replay replay, Trajectory actual, TrainingScatter scatter)
            throws IOException {
        double[] recorded = file.doubles("losses");
        List<String> columns = columns(file);
        if (recorded.length < actual.losses().size() * columns.size()) {
            throw file.invalid("it has " + actual.losses().size() + " steps but losses for fewer");
        }
        for (int k = 0; k < actual.losses().size(); k++) {
            for (int c = 0; c < columns.size(); c++) {
                String column = columns.get(c);
                double own = column.equals("noise")
                        ? actual.bounds().noiseLoss()
                        : actual.bounds().segmentationLoss();
                double error = Errors.relative(actual.losses().get(k).get(column), recorded[k * columns.size() + c]);
                replay.add(file, "step" + k + "." + column + " loss", error, own + LOSS_SCATTER * scatter.losses()[k]);
            }
        }
    }

    /** The order of the recorded losses. */
    private static List<String> columns(GoldenFile file) throws IOException {
        if (!file.hasMetadata("columns")) {
            return COLUMNS;
        }
        List<String> columns = new ArrayList<>();
        file.json("columns").forEach(node -> columns.add(node.asText()));
        if (!COLUMNS.containsAll(columns)) {
            throw file.invalid("its columns are " + columns + ", of which only " + COLUMNS + " are known");
        }
        return columns;
    }

    private static void compareRates(GoldenFile file, Replay replay, Trajectory actual) throws IOException {
        if (file.has("seg_lr_used")) {
            double[] recorded = file.doubles("seg_lr_used");
            for (int k = 0;
                    k < Math.min(recorded.length, actual.segmentationRates().size());
                    k++) {
                replay.add(
                        file,
                        "step" + k + ".learning rate (relative to the first)",
                        Math.abs(actual.segmentationRates().get(k) - recorded[k])
                                / actual.segmentationRates().get(0),
                        RATE_BOUND);
            }
        }
    }

    private static void compareChanges(GoldenFile file, Replay replay, Trajectory actual, TrainingScatter scatter)
            throws IOException {
        if (!file.has("delta_l2", "delta_dot")) {
            return;
        }
        for (Map.Entry<String, GoldenFile.Probe> recorded : file.probes(
                        "delta_l2", "delta_dot", List.copyOf(actual.changes().keySet()))
                .entrySet()) {
            String name = recorded.getKey();
            float[] change = actual.changes().get(name);
            if (change == null) {
                throw file.invalid("its 'parameters' name '" + name + "', which the networks do not have");
            }
            double own = name.startsWith(Trajectory.UNET)
                    ? actual.bounds().unetChange()
                    : actual.bounds().segmentationChange();
            double apart = scatter.changes().get(name);
            GoldenFile.Probe probe =
                    GoldenFile.Probe.of(change, recorded.getValue().position());
            double furthest = Math.sqrt(change.length) * actual.furthest(name);
            if (apart >= 1 && recorded.getValue().l2() < furthest) {
                replay.addProbe(
                        file, "change of " + name + " (decided by rounding)", probe, recorded.getValue(), furthest, 1);
            } else {
                replay.addProbe(
                        file,
                        "change of " + name,
                        probe,
                        recorded.getValue(),
                        recorded.getValue().l2(),
                        own + CHANGE_SCATTER * apart);
            }
        }
    }
}
