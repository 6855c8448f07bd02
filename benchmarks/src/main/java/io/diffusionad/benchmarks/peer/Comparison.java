package io.diffusionad.benchmarks.peer;

import io.diffusionad.benchmarks.peer.WorkerProcess.Contestant;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Programs that do the same work in turn: results are compared first, then each runs once a round, in an order that
 * moves on from round to round.
 */
public final class Comparison {
    private Comparison() {}

    /**
     * One contestant's times.
     *
     * @param program and version, as it describes itself
     * @param distance of its results from the first contestant's, as a part of the bound
     * @param bound on the relative L2 distance; the square root for gradients
     * @param medianMs median of the rounds
     * @param ratioToFirst median over rounds of its time by the first contestant's in the same round
     */
    public record Line(
            String name,
            String variant,
            String program,
            double distance,
            double bound,
            double medianMs,
            double minMs,
            double maxMs,
            double ratioToFirst) {}

    /**
     * @param contestants the first is what the others are held against
     * @param agreement what each contestant's results are held to
     * @param rounds that count, after one that does not
     * @param progress told after every run
     * @throws IllegalStateException when results disagree
     */
    public static List<Line> run(
            List<Contestant> contestants,
            Function<Contestant, Agreement> agreement,
            int rounds,
            Path folder,
            Runnable progress)
            throws IOException {
        List<WorkerProcess> workers = new ArrayList<>();
        try {
            for (Contestant contestant : contestants) {
                workers.add(new WorkerProcess(contestant, folder));
            }
            Map<String, float[]> expected = workers.get(0).outputs();
            double[] distances = new double[workers.size()];
            for (int i = 1; i < distances.length; i++) {
                distances[i] = agreement
                        .apply(contestants.get(i))
                        .require(
                                contestants.get(i).toString(),
                                expected,
                                workers.get(i).outputs());
            }
            double[][] seconds = race(workers, rounds, progress);
            List<Line> lines = new ArrayList<>();
            for (int i = 0; i < workers.size(); i++) {
                lines.add(line(
                        workers.get(i),
                        distances[i],
                        agreement.apply(contestants.get(i)).bound(),
                        seconds[i],
                        seconds[0]));
            }
            return lines;
        } finally {
            for (WorkerProcess worker : workers) {
                worker.close();
            }
        }
    }

    /** Seconds by worker and round. */
    private static double[][] race(List<WorkerProcess> workers, int rounds, Runnable progress) throws IOException {
        double[][] seconds = new double[workers.size()][rounds];
        for (int round = -1; round < rounds; round++) {
            for (int turn = 0; turn < workers.size(); turn++) {
                int i = Math.floorMod(turn + round, workers.size());
                double time = workers.get(i).run();
                if (round >= 0) {
                    seconds[i][round] = time;
                }
                progress.run();
            }
        }
        return seconds;
    }

    private static Line line(WorkerProcess worker, double distance, double bound, double[] seconds, double[] first)
            throws IOException {
        double[] ratios = new double[seconds.length];
        Arrays.setAll(ratios, i -> seconds[i] / first[i]);
        Contestant contestant = worker.contestant();
        return new Line(
                contestant.name(),
                contestant.variant(),
                worker.description(),
                distance,
                bound,
                1e3 * median(seconds),
                1e3 * Arrays.stream(seconds).min().orElseThrow(),
                1e3 * Arrays.stream(seconds).max().orElseThrow(),
                median(ratios));
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
