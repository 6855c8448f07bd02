package io.diffusionad.benchmarks.card;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import io.diffusionad.testkit.Operand;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.PlacedOperands;
import io.diffusionad.testkit.cases.OperationTable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Times every distinct operation of the full-size networks; operands rotate, so that no call finds its inputs in a
 * cache.
 */
final class OperationTimes {
    /** Two samples: what a one-step inference of one image runs. */
    private static final int SAMPLES = 2;
    /** Calls of one measurement; {@code benchmarks/peers/peer.py} has the same. */
    private static final int CALLS = 16;
    /** More than the second-level cache of any card; likewise. */
    private static final long BEYOND_CACHES = 256L << 20;

    private final Device device;
    private final DeviceTimer timer;
    private final Profile profile;

    OperationTimes(Device device, Profile profile) {
        this.device = device;
        this.timer = new DeviceTimer(device, profile.repeats());
        this.profile = profile;
    }

    /** TFLOP/s of a large matrix product by our own kernels in each precision, GB/s of a large copy. */
    Map<String, Double> ceilings() {
        Map<String, Double> ceilings = new LinkedHashMap<>();
        for (DType precision : List.of(DType.BFLOAT16, DType.FLOAT32)) {
            ceilings.put("tflops_" + precision, productFlops(precision) * 1e-12);
        }
        try (Arena arena = device.newArena("copy")) {
            Tensor from = arena.float32(profile.copyMebibytes() << 18);
            Tensor to = arena.float32(profile.copyMebibytes() << 18);
            device.ops().fill(from, 1);
            ceilings.put(
                    "copy_gigabytes_per_second",
                    2e-9 * from.bytes() / timer.medianSeconds(() -> device.ops().copy(to, from)));
        }
        return ceilings;
    }

    /** A 1x1 convolution is a matrix product: one row a pixel. */
    private double productFlops(DType precision) {
        int size = profile.productSize();
        int height = size / 64;
        try (Arena arena = device.newArena("product")) {
            Tensor x = noise(arena.tensor(precision, 1, height, size / height, size));
            Tensor y = arena.tensor(precision, 1, height, size / height, size);
            Weight w = new Weight("product", noise(arena.float32(size, 1, 1, size)));
            return 2.0
                    * size
                    * size
                    * size
                    / timer.medianSeconds(() -> device.ops().conv2dForward(y, x, w, Epilogue.NONE, Conv2d.of(1)));
        }
    }

    /** Hands on one line an operation: name, precision, microseconds a call, TFLOP/s, GB/s. */
    void measure(DType precision, Consumer<Map<String, Object>> lines) {
        for (OperationCase operation : profile.fullSize() ? OperationTable.fullSizeCases(SAMPLES) : oneOfEachKind()) {
            if (operation.precisions().contains(precision) && operation.runsOn(device)) {
                lines.accept(measure(operation, precision));
            }
        }
    }

    private static Collection<OperationCase> oneOfEachKind() {
        Map<String, OperationCase> first = new LinkedHashMap<>();
        OperationTable.cases().forEach(operation -> first.putIfAbsent(operation.operation(), operation));
        return first.values();
    }

    private Map<String, Object> measure(OperationCase operation, DType precision) {
        OperationProfile.Entry cost = operation.cost(precision);
        int sets = (int) Math.max(1, Math.min(CALLS, BEYOND_CACHES / Math.max(1, cost.bytes()) + 1));
        List<PlacedOperands> rotation = new ArrayList<>();
        try {
            for (int i = 0; i < sets; i++) {
                rotation.add(placed(operation, precision));
            }
            int calls = Math.max(CALLS, sets);
            double seconds = timer.medianSeconds(() -> {
                        for (int i = 0; i < calls; i++) {
                            operation.call(device.ops(), rotation.get(i % sets));
                        }
                    })
                    / calls;
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("operation", operation.name());
            line.put("precision", precision.name());
            line.put("microseconds", 1e6 * seconds);
            line.put("tflops", 1e-12 * cost.flop() / seconds);
            line.put("gigabytes_per_second", 1e-9 * cost.bytes() / seconds);
            return line;
        } finally {
            rotation.forEach(PlacedOperands::close);
        }
    }

    /** Operands of noise: a card's clock depends on what it computes with. */
    private PlacedOperands placed(OperationCase operation, DType precision) {
        PlacedOperands placed = PlacedOperands.unfilled(device, operation.operands(), precision);
        for (Operand operand : operation.operands()) {
            Tensor tensor = placed.tensor(operand.name());
            if (tensor.dtype() == DType.FLOAT32 || tensor.dtype() == DType.BFLOAT16) {
                noise(tensor);
            } else {
                device.upload(tensor, ByteBuffer.allocateDirect(Math.toIntExact(tensor.bytes())));
            }
        }
        return placed;
    }

    private Tensor noise(Tensor tensor) {
        int elements = Math.toIntExact(tensor.elements());
        try (Arena arena = device.newArena("noise")) {
            Tensor sample = arena.tensor(DType.INT64, 1);
            Transfers.upload(device, sample, 0);
            Tensor noise = arena.float32(1, 1, 1, elements);
            device.ops().gaussianNoise(noise, sample, 1, Purpose.TEST.code());
            device.ops().copy(tensor.reshape(1, 1, 1, elements), noise);
            device.synchronize();
        }
        return tensor;
    }
}
