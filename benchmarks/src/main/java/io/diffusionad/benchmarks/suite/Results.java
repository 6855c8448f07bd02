package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.Ceilings;
import io.diffusionad.benchmarks.peer.Comparison;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A results file. Sections that were not measured are absent; each says when, from what and under which load it was.
 *
 * @param schema {@link #SCHEMA}
 */
public record Results(
        String schema,
        Machine machine,
        Curve curve,
        Operations operations,
        Training training,
        Detection detection,
        Scaling scaling,
        Peers peers,
        Shared shared) {
    public static final String SCHEMA = "diffusionad-bench/1";

    static Results empty(Machine machine) {
        return new Results(SCHEMA, machine, null, null, null, null, null, null, null);
    }

    /** This with the sections of {@code other} where it has them; the machine must be the same. */
    Results updatedBy(Results other) {
        return new Results(
                SCHEMA,
                other.machine,
                or(other.curve, curve),
                or(other.operations, operations),
                or(other.training, training),
                or(other.detection, detection),
                or(other.scaling, scaling),
                or(other.peers, peers),
                or(other.shared, shared));
    }

    Results with(Curve section) {
        return new Results(schema, machine, section, operations, training, detection, scaling, peers, shared);
    }

    Results with(Operations section) {
        return new Results(schema, machine, curve, section, training, detection, scaling, peers, shared);
    }

    Results with(Training section) {
        return new Results(schema, machine, curve, operations, section, detection, scaling, peers, shared);
    }

    Results with(Detection section) {
        return new Results(schema, machine, curve, operations, training, section, scaling, peers, shared);
    }

    Results with(Scaling section) {
        return new Results(schema, machine, curve, operations, training, detection, section, peers, shared);
    }

    Results with(PeerGroup group) {
        Peers all = (peers == null ? new Peers(List.of()) : peers).with(group);
        return new Results(schema, machine, curve, operations, training, detection, scaling, all, shared);
    }

    Results with(Shared section) {
        return new Results(schema, machine, curve, operations, training, detection, scaling, peers, section);
    }

    private static <T> T or(T preferred, T otherwise) {
        return preferred != null ? preferred : otherwise;
    }

    /**
     * When, from what and under which conditions a section was measured.
     *
     * @param date ISO 8601, UTC
     * @param commit of the sources; {@code -dirty} behind it when they were changed since
     * @param threads that everything computed with, peers too
     * @param loadBefore the machine's load average over the last minute, before this section; -1 where the system does
     *     not tell
     * @param seconds that the section took
     */
    public record Stamp(
            String date,
            String commit,
            String profile,
            String device,
            int threads,
            double loadBefore,
            double seconds) {}

    /** A network's size. @param parameters of both networks */
    public record Model(int imageSize, int baseChannels, int segmentationChannels, long parameters) {}

    /**
     * Speed and quality of reconstruction methods on one trained checkpoint, segmentation included.
     *
     * @param category that was trained on and evaluated
     * @param trainedSteps of the checkpoint
     * @param precision of activations
     */
    public record Curve(
            Stamp stamp, Model model, String category, long trainedSteps, String precision, List<Point> points) {}

    /**
     * @param unetPasses network evaluations an image
     * @param samples timed calls behind the percentiles
     * @param evaluatedImages test images behind the quality
     * @param reconstructionError mean absolute difference of a good image (0 to 1) and its reconstruction
     */
    public record Point(
            String method,
            int unetPasses,
            double imagesPerSecond,
            double p50Ms,
            double p90Ms,
            double p99Ms,
            long samples,
            int evaluatedImages,
            double imageAuroc,
            double pixelAuroc,
            double reconstructionError) {}

    /**
     * Every distinct operation of both networks beside the machine's ceilings.
     *
     * @param passes absent in results of earlier builds
     */
    public record Operations(Stamp stamp, Model model, List<WholePass> passes, List<Operation> rows) {}

    /**
     * One pass over both networks as it is, beside what its convolutions took within it.
     *
     * @param pass as in {@link Operation}
     * @param ceilings measured beside this pass; absent in results of earlier builds
     */
    public record WholePass(
            String pass, String precision, Ceilings ceilings, double milliseconds, double convolutionMilliseconds) {}

    /**
     * @param pass {@code inference} of one image (two noise scales) or {@code training}: forward and backward of one
     *     sample
     * @param call operands with types and shapes
     * @param calls how often the pass makes it
     * @param gflops 0 where memory traffic is the cost
     * @param ceilingShare part of the pass's ceiling: of the convolution's FLOP/s at that precision, or of the copy's
     *     bytes/s
     */
    public record Operation(
            String pass,
            String precision,
            String operation,
            String call,
            int calls,
            double milliseconds,
            double gflops,
            double gigabytesPerSecond,
            double ceilingShare) {}

    /** Optimisation steps of both networks. */
    public record Training(Stamp stamp, List<TrainingStep> rows) {}

    public record TrainingStep(
            Model model,
            String precision,
            String memory,
            int batch,
            int microBatch,
            double millisecondsAStep,
            double imagesPerSecond) {}

    /**
     * Image file in, decision out.
     *
     * @param model of the rows
     * @param processes fresh JVMs
     */
    public record Detection(Stamp stamp, Model model, List<DetectionRow> rows, List<ProcessRow> processes) {}

    public record DetectionRow(
            String precision,
            int threads,
            int batch,
            double imagesPerSecond,
            double p50Ms,
            double p90Ms,
            double p99Ms) {}

    /**
     * @param loadedSeconds from the JVM's start until the detector is loaded
     * @param firstImageSeconds from the JVM's start until the first decision
     * @param residentMib resident memory of the process after the last image, Java heap included
     * @param p50Ms of the images after the first
     */
    public record ProcessRow(
            Model model,
            String precision,
            double loadedSeconds,
            double firstImageSeconds,
            double residentMib,
            int images,
            double p50Ms,
            double p99Ms) {}

    /** How the cost of norm-guided one-step detection grows. */
    public record Scaling(Stamp stamp, List<ScalingRow> rows) {}

    /** @param axis what differs from the first row: {@code batch}, {@code size}, {@code width} or {@code threads} */
    public record ScalingRow(
            String axis,
            int imageSize,
            int baseChannels,
            int batch,
            int threads,
            String precision,
            double millisecondsAnImage) {}

    /**
     * Processes of this engine that share the machine with each other and with others.
     *
     * @param batch samples a training step
     */
    public record Shared(Stamp stamp, Model model, int batch, List<SharedRow> rows) {}

    /**
     * @param work {@code training} or {@code detection}
     * @param situation a {@code SharedPart.Situation}
     * @param imagesPerSecond of all processes together
     * @param fairShare of the machine, 1 where all that computes is ours
     * @param ofFairShare the median of the rounds' ratios: throughput over that of one process alone times the fair
     *     share
     */
    public record SharedRow(
            String work,
            String precision,
            String situation,
            double imagesPerSecond,
            double fairShare,
            double ofFairShare,
            int rounds) {}

    /** This engine and others in turn. */
    public record Peers(List<PeerGroup> groups) {
        /** With one more group, in place of an earlier one of its task and precision. */
        Peers with(PeerGroup group) {
            List<PeerGroup> all = new ArrayList<>(groups);
            all.removeIf(other -> other.task.equals(group.task) && other.precision.equals(group.precision));
            all.add(group);
            all.sort(Comparator.comparing(PeerGroup::task)
                    .thenComparing(Comparator.comparing(PeerGroup::precision).reversed()));
            return new Peers(all);
        }
    }

    /**
     * @param task {@code one-step} or {@code training}
     * @param rounds in which each ran once
     * @param lines ours first
     */
    public record PeerGroup(
            Stamp stamp,
            String task,
            Model model,
            int batch,
            String precision,
            int rounds,
            List<Comparison.Line> lines) {}
}
