package io.diffusionad.ops;

import io.diffusionad.device.DecoratedDevice;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ProfiledOpsTest {
    @Test
    void sumsCallsTimeAndCostByLayerAndByOperation() {
        ReferenceDevice device = ReferenceDevice.exact();
        try (Arena arena = device.newArena("test")) {
            Tensor y = arena.float32(2, 5, 3, 6);
            Tensor dy = arena.float32(2, 1, 30);
            Tensor scores = arena.float32(2, 2, 5);
            Tensor qkv = arena.float32(2, 5, 24);
            Tensor out = arena.float32(2, 5, 8);
            ProfiledOps profiled = DecoratedDevice.profiling(device);
            profiled.layer("first");
            profiled.fill(y, 1);
            profiled.fill(dy, 2);
            profiled.fill(qkv, 0);
            profiled.layer("second");
            profiled.fill(y, 3);
            profiled.attentionForward(out, scores, qkv, 2);

            List<OperationProfile.Entry> layers = profiled.profile().byLayer();
            assertEquals(
                    List.of("first fill 3", "second fill 1", "second attentionForward 1"),
                    layers.stream()
                            .map(e -> e.layer() + " " + e.operation() + " " + e.calls())
                            .toList());
            OperationProfile.Entry attention = layers.get(2);
            assertEquals(4 * 2 * 5 * 5 * 8, attention.flop());
            assertEquals(4 * (240 + 80 + 20), attention.bytes());
            assertTrue(layers.stream().allMatch(e -> e.nanoseconds() > 0));
            assertEquals(
                    4,
                    profiled.profile().byOperation().stream()
                            .filter(e -> e.operation().equals("fill"))
                            .findFirst()
                            .orElseThrow()
                            .calls());
            assertEquals(5, profiled.profile().total().calls());

            String table = OperationProfile.table(layers, profiled.profile().total());
            assertEquals(2 + layers.size(), table.lines().count());
            assertTrue(
                    table.lines()
                            .allMatch(line -> line.length()
                                    == table.lines().findFirst().orElseThrow().length()),
                    table);
        }
    }
}
