package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.peer.Comparison;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Results as tables of text, the header first: the one form behind the page, the console and the document. */
final class ResultTables {
    private ResultTables() {}

    static List<List<String>> curve(Results.Curve curve) {
        List<List<String>> rows = table(
                "method",
                "UNet passes",
                "images/s",
                "p50 ms",
                "p90 ms",
                "p99 ms",
                "timed",
                "image AUROC",
                "pixel AUROC",
                "error on good images");
        for (Results.Point p : curve.points()) {
            rows.add(List.of(
                    p.method(),
                    Integer.toString(p.unetPasses()),
                    number(p.imagesPerSecond()),
                    number(p.p50Ms()),
                    number(p.p90Ms()),
                    number(p.p99Ms()),
                    Long.toString(p.samples()),
                    fixed(p.imageAuroc(), 3),
                    fixed(p.pixelAuroc(), 3),
                    fixed(p.reconstructionError(), 4)));
        }
        return rows;
    }

    static List<List<String>> peers(Results.Peers peers) {
        List<List<String>> rows = table("work", "precision", "program", "median ms", "times ours", "results differ by");
        for (Results.PeerGroup group : peers.groups()) {
            for (Comparison.Line line : group.lines()) {
                boolean ours = line == group.lines().get(0);
                rows.add(List.of(
                        group.task() + ", " + size(group.model()) + ", batch " + group.batch(),
                        precision(group.precision()),
                        (ours ? line.name() : line.program()) + (line.variant().isEmpty() ? "" : ", " + line.variant()),
                        number(line.medianMs()),
                        ours ? "1" : fixed(line.ratioToFirst(), 2),
                        ours ? "-" : fixed(100 * line.distance(), 1) + " % of " + scientific(line.bound())));
            }
        }
        return rows;
    }

    static List<List<String>> detection(Results.Detection detection) {
        List<List<String>> rows = table("precision", "threads", "batch", "images/s", "p50 ms", "p90 ms", "p99 ms");
        for (Results.DetectionRow row : detection.rows()) {
            rows.add(List.of(
                    precision(row.precision()),
                    Integer.toString(row.threads()),
                    Integer.toString(row.batch()),
                    number(row.imagesPerSecond()),
                    number(row.p50Ms()),
                    number(row.p90Ms()),
                    number(row.p99Ms())));
        }
        return rows;
    }

    static List<List<String>> processes(Results.Detection detection) {
        List<List<String>> rows = table(
                "fresh JVM",
                "precision",
                "loaded after s",
                "first image after s",
                "resident MiB",
                "p50 ms",
                "p99 ms",
                "images");
        for (Results.ProcessRow row : detection.processes()) {
            rows.add(List.of(
                    size(row.model()),
                    precision(row.precision()),
                    fixed(row.loadedSeconds(), 2),
                    fixed(row.firstImageSeconds(), 2),
                    fixed(row.residentMib(), 0),
                    number(row.p50Ms()),
                    number(row.p99Ms()),
                    Integer.toString(row.images())));
        }
        return rows;
    }

    static List<List<String>> training(Results.Training training) {
        List<List<String>> rows =
                table("training step", "precision", "memory", "batch", "micro-batch", "ms a step", "images/s");
        for (Results.TrainingStep row : training.rows()) {
            rows.add(List.of(
                    size(row.model()),
                    precision(row.precision()),
                    row.memory().toLowerCase(Locale.ROOT),
                    Integer.toString(row.batch()),
                    Integer.toString(row.microBatch()),
                    number(row.millisecondsAStep()),
                    number(row.imagesPerSecond())));
        }
        return rows;
    }

    static List<List<String>> scaling(Results.Scaling scaling) {
        List<List<String>> rows = table("what grows", "image size", "width", "batch", "threads", "ms an image");
        for (Results.ScalingRow row : scaling.rows()) {
            rows.add(List.of(
                    row.axis(),
                    Integer.toString(row.imageSize()),
                    Integer.toString(row.baseChannels()),
                    Integer.toString(row.batch()),
                    Integer.toString(row.threads()),
                    number(row.millisecondsAnImage())));
        }
        return rows;
    }

    static List<List<String>> shared(Results.Shared shared) {
        List<List<String>> rows = table(
                "work",
                "precision",
                "situation",
                "images/s together",
                "fair share",
                "of what one alone does with that");
        for (Results.SharedRow row : shared.rows()) {
            rows.add(List.of(
                    row.work(),
                    precision(row.precision()),
                    situation(row.situation()),
                    number(row.imagesPerSecond()),
                    fixed(row.fairShare(), 2),
                    fixed(row.ofFairShare(), 2)));
        }
        return rows;
    }

    /** @param name of a {@code SharedPart.Situation} */
    static String situation(String name) {
        return switch (SharedPart.Situation.valueOf(name)) {
            case ALONE -> "one process";
            case LIBGOMPS_OWN_WAITING -> "one process that waits as libgomp does by itself";
            case TWO -> "two processes";
            case FOUR -> "four processes";
            case BUSY -> "one process beside as many busy loops as it has threads";
        };
    }

    /** Whole passes beside their convolutions; the header alone where results of an earlier build have none. */
    static List<List<String>> passes(Results.Operations operations) {
        List<List<String>> rows =
                table("pass", "precision", "ms", "its convolutions, ms", "of the speed that these alone allow");
        for (Results.WholePass row : operations.passes() == null ? List.<Results.WholePass>of() : operations.passes()) {
            rows.add(List.of(
                    row.pass(),
                    precision(row.precision()),
                    number(row.milliseconds()),
                    number(row.convolutionMilliseconds()),
                    fixed(100 * row.convolutionMilliseconds() / row.milliseconds(), 0) + " %"));
        }
        return rows;
    }

    /**
     * Summed by pass, precision and operation: the time of one pass and the share of the ceiling that its time-weighted
     * mean reaches.
     */
    static List<List<String>> operationSums(Results.Operations operations) {
        Map<List<String>, double[]> sums = new LinkedHashMap<>();
        for (Results.Operation row : operations.rows()) {
            double milliseconds = row.calls() * row.milliseconds();
            double[] sum =
                    sums.computeIfAbsent(List.of(row.pass(), row.precision(), row.operation()), key -> new double[3]);
            sum[0] += row.calls();
            sum[1] += milliseconds;
            sum[2] += milliseconds * row.ceilingShare();
        }
        List<List<String>> rows = table("pass", "precision", "operation", "calls", "ms", "of the ceiling");
        for (Map.Entry<List<String>, double[]> entry : sums.entrySet().stream()
                .sorted(Comparator.<Map.Entry<List<String>, double[]>, String>comparing(
                                e -> e.getKey().get(0) + e.getKey().get(1))
                        .thenComparing(e -> -e.getValue()[1]))
                .toList()) {
            double[] sum = entry.getValue();
            rows.add(List.of(
                    entry.getKey().get(0),
                    precision(entry.getKey().get(1)),
                    entry.getKey().get(2),
                    fixed(sum[0], 0),
                    number(sum[1]),
                    fixed(100 * sum[2] / sum[1], 0) + " %"));
        }
        return rows;
    }

    static String size(Results.Model model) {
        return model.imageSize() + "x" + model.imageSize() + ", base " + model.baseChannels();
    }

    static String precision(String name) {
        return switch (name) {
            case "FLOAT32" -> "float32";
            case "INT8" -> "int8";
            default -> "bf16"; // a type of activations or a precision
        };
    }

    /** Where and when a section was measured. */
    static String conditions(Results.Stamp stamp) {
        return stamp.date().substring(0, 10) + ", commit " + stamp.commit() + ", " + stamp.threads() + " threads, load "
                + fixed(stamp.loadBefore(), 1) + " before, " + fixed(stamp.seconds(), 0) + " s";
    }

    /** Groups may be measured one by one: the first of every commit. */
    static String conditions(Results.Peers peers) {
        Map<String, Results.Stamp> byCommit = new LinkedHashMap<>();
        peers.groups().forEach(group -> byCommit.putIfAbsent(group.stamp().commit(), group.stamp()));
        return byCommit.values().stream().map(ResultTables::conditions).collect(Collectors.joining("; "));
    }

    private static List<List<String>> table(String... header) {
        return new ArrayList<>(List.of(List.of(header)));
    }

    /** Three significant digits. */
    private static String number(double value) {
        return fixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3);
    }

    private static String fixed(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private static String scientific(double value) {
        return String.format(Locale.ROOT, "%.0e", value);
    }
}
