package io.diffusionad.verify;

import io.diffusionad.io.HostTensor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a training moves when its first batch changes by one unit of the precision. A recording may hold it, measured
 * in float32, in the tensors {@value #LOSSES} and {@value #CHANGES}: it is a property of the training rather than of
 * the device, and costs as much as the replay itself to measure.
 *
 * @param losses the largest relative difference of a loss up to each step
 * @param changes relative difference of each parameter's change, by {@link Trajectory}'s names
 */
record TrainingScatter(double[] losses, Map<String, Double> changes) {
    private static final String LOSSES = "scatter.losses";
    private static final String CHANGES = "scatter.changes";

    static boolean isIn(GoldenFile file) {
        return file.has(LOSSES, CHANGES) && file.hasMetadata("parameters");
    }

    static TrainingScatter read(GoldenFile file, int steps) throws IOException {
        double[] losses = file.doubles(LOSSES);
        double[] changes = file.doubles(CHANGES);
        List<String> names = parameters(file);
        if (losses.length < steps) {
            throw file.invalid(LOSSES + " has " + losses.length + " elements for " + steps + " steps");
        }
        if (names.size() != changes.length) {
            throw file.invalid(CHANGES + " has " + changes.length + " elements for " + names.size() + " parameters");
        }
        Map<String, Double> byName = new LinkedHashMap<>();
        for (int i = 0; i < changes.length; i++) {
            byName.put(names.get(i), changes[i]);
        }
        return new TrainingScatter(losses, byName);
    }

    /** By a twin of the trajectory on the same device. */
    static TrainingScatter measure(GoldenFile file, Replay replay, Trajectory actual) throws IOException {
        Trajectory twin = Trajectory.run(file, replay, 2 * RoundingModel.unit(replay.precision()));
        double[] losses = new double[actual.losses().size()];
        double apart = 0;
        for (int k = 0; k < losses.length; k++) {
            for (Map.Entry<String, Double> loss : actual.losses().get(k).entrySet()) {
                apart = Math.max(apart, Errors.relative(twin.losses().get(k).get(loss.getKey()), loss.getValue()));
            }
            losses[k] = apart;
        }
        Map<String, Double> changes = new LinkedHashMap<>();
        actual.changes()
                .forEach((name, change) ->
                        changes.put(name, Errors.relativeL2(twin.changes().get(name), change)));
        return new TrainingScatter(losses, changes);
    }

    /** As the recording holds it. */
    Map<String, HostTensor> tensors(GoldenFile file) throws IOException {
        double[] values = parameters(file).stream().mapToDouble(changes::get).toArray();
        return Map.of(
                LOSSES,
                HostTensor.ofDoubles(new int[] {losses.length}, losses),
                CHANGES,
                HostTensor.ofDoubles(new int[] {values.length}, values));
    }

    private static List<String> parameters(GoldenFile file) throws IOException {
        List<String> names = new ArrayList<>();
        file.json("parameters").forEach(node -> names.add(node.asText()));
        return names;
    }
}
