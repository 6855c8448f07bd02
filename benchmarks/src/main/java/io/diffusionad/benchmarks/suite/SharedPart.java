package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.ChildJvm;
import io.diffusionad.settings.Precision;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What becomes of the throughput when others compute on the same machine: two and four processes of ours at once, and
 * one beside programs that never rest. Every round takes all situations in turn, and ratios are of one round: a slow
 * minute of the machine then slows both sides of a ratio.
 */
final class SharedPart implements Part {
    static final String TRAINING = "training";
    static final String DETECTION = "detection";
    /** What libgomp does unless it is told otherwise. */
    private static final Map<String, String> LIBGOMPS_OWN_WAITING = Map.of("GOMP_SPINCOUNT", "300000");

    private static final int MOST_PROCESSES = 4;
    private static final double START_SECONDS = 6;
    private static final String HEAP = "-Xmx256m";

    private final Setting setting;
    private final BenchProfile.Shared shared;

    SharedPart(Setting setting) {
        this.setting = setting;
        this.shared = setting.profile().shared();
    }

    /** In the order of a round. */
    enum Situation {
        ALONE,
        LIBGOMPS_OWN_WAITING,
        TWO,
        FOUR,
        BUSY
    }

    private record Work(String name, Precision precision) {}

    private List<Work> works() {
        List<Work> works = new ArrayList<>();
        setting.precisions().stream()
                .filter(precision -> precision != Precision.INT8)
                .forEach(precision -> works.add(new Work(TRAINING, precision)));
        setting.precisions().forEach(precision -> works.add(new Work(DETECTION, precision)));
        return works;
    }

    private double roundSeconds() {
        return Situation.values().length * shared.seconds();
    }

    @Override
    public double plannedSeconds() {
        return works().size() * ((MOST_PROCESSES + 1) * START_SECONDS + shared.rounds() * roundSeconds());
    }

    @Override
    public Results measure(Results results, Meter meter) throws IOException {
        long start = System.nanoTime();
        double load = Machine.load();
        List<Results.SharedRow> rows = new ArrayList<>();
        for (Work work : works()) {
            rows.addAll(measure(work, meter));
        }
        return results.with(new Results.Shared(
                setting.stamp(start, load), Setting.describe(shared.network().settings()), shared.batch(), rows));
    }

    private List<Results.SharedRow> measure(Work work, Meter meter) throws IOException {
        List<Worker> ours = new ArrayList<>();
        Map<Situation, List<Double>> together = new EnumMap<>(Situation.class);
        try (Worker libgomps = new Worker(work, LIBGOMPS_OWN_WAITING)) {
            for (int i = 0; i < MOST_PROCESSES; i++) {
                meter.at(work.name + ", " + work.precision + ": starting processes");
                ours.add(new Worker(work, Map.of()));
                meter.done(START_SECONDS);
            }
            for (Worker each : ours) {
                each.expectReady();
            }
            libgomps.expectReady();
            meter.done(START_SECONDS);
            for (int round = 1; round <= shared.rounds(); round++) {
                for (Situation situation : inTurn(round)) {
                    meter.at(work.name + ", " + work.precision + ", round " + round + ": "
                            + ResultTables.situation(situation.name()));
                    together.computeIfAbsent(situation, ignored -> new ArrayList<>())
                            .add(run(situation, ours, libgomps));
                    meter.done(shared.seconds());
                }
            }
        } finally {
            ours.forEach(Worker::close);
        }
        return rows(work, together);
    }

    /**
     * An order that moves on: what comes first in one round meets a machine that the round before has warmed otherwise.
     */
    private static List<Situation> inTurn(int round) {
        List<Situation> order = new ArrayList<>(List.of(Situation.values()));
        Collections.rotate(order, -round);
        return order;
    }

    private double run(Situation situation, List<Worker> ours, Worker libgomps) throws IOException {
        return switch (situation) {
            case ALONE -> runAtOnce(ours.subList(0, 1));
            case LIBGOMPS_OWN_WAITING -> runAtOnce(List.of(libgomps));
            case TWO -> runAtOnce(ours.subList(0, 2));
            case FOUR -> runAtOnce(ours);
            case BUSY -> {
                try (BusyLoops loops = new BusyLoops(setting.threads())) {
                    yield runAtOnce(ours.subList(0, 1));
                }
            }
        };
    }

    /** Images a second of all together. */
    private double runAtOnce(List<Worker> workers) throws IOException {
        for (Worker worker : workers) {
            worker.ask(shared.seconds());
        }
        double sum = 0;
        for (Worker worker : workers) {
            sum += Double.parseDouble(worker.answer());
        }
        return sum;
    }

    private List<Results.SharedRow> rows(Work work, Map<Situation, List<Double>> together) {
        List<Results.SharedRow> rows = new ArrayList<>();
        List<Double> alone = together.get(Situation.ALONE);
        together.forEach((situation, speeds) -> {
            double[] ratios = new double[speeds.size()];
            for (int round = 0; round < ratios.length; round++) {
                ratios[round] = speeds.get(round) / (alone.get(round) * fairShare(situation));
            }
            rows.add(new Results.SharedRow(
                    work.name,
                    work.precision.name(),
                    situation.name(),
                    median(speeds.stream().mapToDouble(each -> each).toArray()),
                    fairShare(situation),
                    median(ratios),
                    shared.rounds()));
        });
        return rows;
    }

    /**
     * Of the machine's cores, beside as many busy loops as we have threads; a system that is fair to threads gives
     * every one the same.
     */
    private double fairShare(Situation situation) {
        int cores = Runtime.getRuntime().availableProcessors();
        return situation == Situation.BUSY ? Math.min(1, cores / (2.0 * setting.threads())) : 1;
    }

    private static double median(double[] values) {
        return DetectorProbe.percentile(values, 0.5);
    }

    /** Threads of this process that compute without a pause until they are closed. */
    private static final class BusyLoops implements AutoCloseable {
        private final AtomicBoolean running = new AtomicBoolean(true);
        private final List<Thread> threads = new ArrayList<>();

        BusyLoops(int count) {
            for (int i = 0; i < count; i++) {
                Thread thread = new Thread(this::loop, "busy-" + i);
                thread.setDaemon(true);
                thread.start();
                threads.add(thread);
            }
        }

        private void loop() {
            while (running.get()) {
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            running.set(false);
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /** The parent's side of {@link SharedProbe}. */
    private final class Worker implements AutoCloseable {
        private final Process process;
        private final BufferedReader answers;
        private final BufferedWriter questions;

        Worker(Work work, Map<String, String> environment) throws IOException {
            BenchProfile.Network network = shared.network();
            ProcessBuilder builder = ChildJvm.of(
                            List.of(HEAP),
                            SharedProbe.class,
                            List.of(
                                    work.name,
                                    work.precision.name(),
                                    setting.device(),
                                    Integer.toString(setting.threads()),
                                    Integer.toString(network.imageSize()),
                                    Integer.toString(network.baseChannels()),
                                    Integer.toString(network.segmentationChannels()),
                                    Integer.toString(shared.batch())))
                    .redirectError(log().toFile());
            builder.environment().keySet().removeAll(List.of("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"));
            builder.environment().putAll(environment);
            process = builder.start();
            answers = process.inputReader();
            questions = process.outputWriter();
        }

        private Path log() {
            return setting.work().resolve("shared.log");
        }

        void expectReady() throws IOException {
            String said = answer();
            if (!said.equals(SharedProbe.READY)) {
                throw new IOException("a process that was to compute beside others said '" + said + "'");
            }
        }

        void ask(double seconds) throws IOException {
            questions.write(seconds + "\n");
            questions.flush();
        }

        String answer() throws IOException {
            String line = answers.readLine();
            if (line == null) {
                throw new IOException("a process that computed beside others ended; see " + log());
            }
            return line;
        }

        @Override
        public void close() {
            process.destroy();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
