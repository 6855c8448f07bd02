package io.diffusionad.benchmarks;

import io.diffusionad.device.DecoratedDevice;
import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.nn.Pass;
import io.diffusionad.ops.DescribedOps;
import io.diffusionad.ops.OperationCall;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.ops.Ops;
import io.diffusionad.ops.ProfiledOps;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Times every distinct operation of the two networks, forward and backward, at the shapes, types and memory that the
 * networks themselves use: a pass runs once, and each call that is new is repeated on the spot. Operands alternate
 * between caches and memory as they do in the pass, no table of shapes can go stale, and fused epilogues are measured
 * as they are called. Accumulating outputs hold nonsense afterwards; nothing reads them.
 */
public final class OperationBenchmark {
    /**
     * @param call name, operands with types and shapes
     * @param count how often a pass makes this call
     * @param seconds median of the repetitions
     * @param flop 0 where memory traffic is the cost
     */
    public record Row(String call, String operation, int count, double seconds, long flop, long bytes) {
        public double flopsPerSecond() {
            return flop / seconds;
        }

        public double bytesPerSecond() {
            return bytes / seconds;
        }
    }

    private static final int REPETITIONS = 5;
    /** How their names begin, forward and backward. */
    private static final String CONVOLUTIONS = "conv2d";

    private OperationBenchmark() {}

    /**
     * @param training forward and backward of both networks, batch normalisation in training mode; else inference of
     *     both
     */
    public static List<Row> measure(BenchNetworks networks, int batch, boolean training) {
        RepeatingOps ops = new RepeatingOps(networks.device());
        run(networks, ops, batch, training);
        return ops.rows();
    }

    /**
     * Such a pass as it is, each call once.
     *
     * @param convolutionSeconds that its convolutions took within it, forward and backward
     */
    public record WholePass(double seconds, double convolutionSeconds) {}

    /** The pass of the median time of several. */
    public static WholePass wholePass(BenchNetworks networks, int batch, boolean training) {
        ProfiledOps ops = DecoratedDevice.profiling(networks.device());
        List<WholePass> passes = new ArrayList<>();
        for (int i = 0; i < REPETITIONS; i++) {
            ops.profile().clear();
            double seconds = run(networks, ops, batch, training);
            long convolutions = ops.profile().byOperation().stream()
                    .filter(entry -> entry.operation().startsWith(CONVOLUTIONS))
                    .mapToLong(OperationProfile.Entry::nanoseconds)
                    .sum();
            passes.add(new WholePass(seconds, 1e-9 * convolutions));
        }
        passes.sort(Comparator.comparingDouble(WholePass::seconds));
        return passes.get(REPETITIONS / 2);
    }

    /** @return seconds that the networks took, their inputs left out */
    private static double run(BenchNetworks networks, Ops ops, int batch, boolean training) {
        double seconds = 0;
        try (var scope = networks.workspace().main().scope()) {
            Tensor x = networks.images(2 * batch);
            Tensor t = networks.workspace().main().tensor(DType.INT64, 2 * batch);
            Transfers.upload(networks.device(), t, new long[2 * batch]);
            Pass pass = pass(networks, ops, training);
            seconds += DeviceSeconds.of(networks.device(), () -> {
                Tensor eps = networks.unet().forward(pass, x, t);
                if (training) {
                    networks.unet().backward(pass, null, eps);
                }
            });
        }
        try (var scope = networks.workspace().main().scope()) {
            Tensor images = networks.images(batch);
            Tensor pair =
                    networks.workspace().main().float32(images.dim(0), images.dim(1), images.dim(2), 2 * images.dim(3));
            networks.device().ops().copyChannels(pair, 0, images, 0, images.dim(3));
            networks.device().ops().copyChannels(pair, images.dim(3), images, 0, images.dim(3));
            Pass pass = pass(networks, ops, training);
            seconds += DeviceSeconds.of(networks.device(), () -> {
                Tensor probabilities = networks.segmentation().forward(pass, pair, training);
                if (training) {
                    Tensor dimages = pass.float32(images.dims());
                    networks.segmentation().backward(pass, dimages, images.dim(3), probabilities);
                }
            });
        }
        return seconds;
    }

    private static Pass pass(BenchNetworks networks, Ops ops, boolean training) {
        return training ? Pass.training(ops, networks.workspace(), networks.activations()) : networks.inference(ops);
    }

    /** Performs each distinct call several times, the others once. */
    private static final class RepeatingOps extends DescribedOps {
        private final Device device;
        private final Map<String, Row> rows = new LinkedHashMap<>();

        RepeatingOps(Device device) {
            this.device = device;
        }

        List<Row> rows() {
            return new ArrayList<>(rows.values());
        }

        @Override
        protected void perform(OperationCall call, Consumer<Ops> action) {
            action.accept(device.ops());
            rows.merge(
                    call.toString(),
                    new Row(call.toString(), call.name(), 1, 0, call.flop(), call.bytes()),
                    (seen, again) ->
                            new Row(seen.call, seen.operation, seen.count + 1, seen.seconds, seen.flop, seen.bytes));
            rows.computeIfPresent(
                    call.toString(),
                    (name, row) -> row.seconds > 0
                            ? row
                            : new Row(
                                    row.call,
                                    row.operation,
                                    row.count,
                                    DeviceSeconds.median(
                                            REPETITIONS,
                                            () -> DeviceSeconds.of(device, () -> action.accept(device.ops()))),
                                    row.flop,
                                    row.bytes));
        }
    }
}
