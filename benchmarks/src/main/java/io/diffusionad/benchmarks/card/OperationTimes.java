package io.diffusionad.benchmarks.card;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.Operand;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.PlacedOperands;
import io.diffusionad.testkit.cases.OperationTable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Times every distinct operation of the full-size networks; operands rotate, so that no call finds its inputs in a cache. */
final class OperationTimes {
    /** Two samples: what a one-step inference of one image runs. */
    private static final int SAMPLES = 2;
    private static final int CALLS = 16;
    /** More than the second-level cache of any card. */
    private static final long BEYOND_CACHES = 256L << 20;

    private final Device device;
    private final DeviceTimer timer;
    private final Profile profile;

    OperationTimes(Device device, Profile profile) {
        this.device = device;
        this.timer = new DeviceTimer(device, profile.repeats());
        this.profile = profile;
    }

    /** One line an operation: name, precision, microseconds a call, TFLOP/s, GB/s. */
    List<Map<String, Object>> measure(DType precision) {
        List<OperationCase> cases = profile.everyOperation() == 0
                ? OperationTable.cases().stream().filter(c -> c.precisions().contains(precision) && c.name().contains("8x8x32")).toList()
                : OperationTable.fullSizeCases(SAMPLES);
        List<Map<String, Object>> lines = new ArrayList<>();
        for (OperationCase operation : cases) {
            if (operation.precisions().contains(precision)) {
                lines.add(measure(operation, precision));
            }
        }
        return lines;
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
            }) / calls;
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
        try (Arena arena = device.newArena("noise")) {
            Tensor sample = arena.tensor(DType.INT64, 1);
            Transfers.upload(device, sample, 0);
            for (Operand operand : operation.operands()) {
                Tensor tensor = placed.tensor(operand.name());
                if (tensor.dtype() == DType.FLOAT32 || tensor.dtype() == DType.BFLOAT16) {
                    Tensor noise = arena.float32(1, 1, 1, Math.toIntExact(tensor.elements()));
                    device.ops().gaussianNoise(noise, sample, 1, Purpose.TEST.code());
                    device.ops().copy(tensor.reshape(1, 1, 1, (int) tensor.elements()), noise);
                } else {
                    device.upload(tensor, ByteBuffer.allocateDirect(Math.toIntExact(tensor.bytes())));
                }
            }
            device.synchronize();
        }
        return placed;
    }
}
