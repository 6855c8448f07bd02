package io.diffusionad.benchmarks.suite;

import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One JMH benchmark with one set of parameters, in a JVM of its own. */
final class JmhRun {
    /** Times of one call in milliseconds. */
    record Times(double mean, double p50, double p90, double p99, long samples) {}

    /** A JVM's start, networks loaded. */
    private static final double FORK_SECONDS = 2;
    /** Of warm-up for every second of measurement. */
    private static final double WARM_UP = 0.5;

    private JmhRun() {}

    /** How long {@link #measure} is expected to take. */
    static double plannedSeconds(double seconds) {
        return FORK_SECONDS + (1 + WARM_UP) * seconds;
    }

    /**
     * @param seconds of measurement, after half as many of warm-up; at least one call each
     * @param log where JMH and the benchmark speak
     */
    static Times measure(Class<?> benchmark, Map<String, Object> parameters, double seconds, Path log) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + benchmark.getName().replace(".", "\\.") + "\\.")
                .forks(1)
                .warmupIterations(1)
                .warmupTime(time(WARM_UP * seconds))
                .measurementIterations(1)
                .measurementTime(time(seconds))
                .timeUnit(TimeUnit.MILLISECONDS)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .output(log.toString());
        parameters.forEach((name, value) -> options.param(name, value.toString()));
        try {
            Collection<RunResult> results = new Runner(options.build()).run();
            if (results.size() != 1) {
                throw new IllegalStateException(benchmark.getSimpleName() + " with " + parameters + " gave "
                        + results.size() + " results, not one; see " + log);
            }
            Statistics times = results.iterator().next().getPrimaryResult().getStatistics();
            return new Times(
                    times.getMean(),
                    times.getPercentile(50),
                    times.getPercentile(90),
                    times.getPercentile(99),
                    times.getN());
        } catch (RunnerException e) {
            throw new IllegalStateException(
                    benchmark.getSimpleName() + " with " + parameters + " failed; see " + log, e);
        }
    }

    private static TimeValue time(double seconds) {
        return TimeValue.milliseconds(Math.max(1, Math.round(1e3 * seconds)));
    }
}
