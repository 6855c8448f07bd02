package io.diffusionad.plan;

import io.diffusionad.nn.Pass;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.SegmentationNetwork;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.ops.Quantization;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PlanningDeviceTest {
    /**
     * SPEC §5 and §6: 557 and 76 GFLOP a forward pass of the full-size networks, counted as usual without the products
     * inside attention.
     */
    @Test
    void countsTheFullSizeNetworks() {
        PlanningDevice device = new PlanningDevice();
        try (Arena parameters = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "plan")) {
            UNet unet = new UNet(UNetConfig.of(256, 128), device, parameters, false);
            device.profile().clear();
            Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
            unet.forward(pass, pass.float32(1, 256, 256, 3), pass.upload(7L));
            long attention = device.profile().byOperation().stream()
                    .filter(e -> e.operation().equals("attentionForward"))
                    .mapToLong(OperationProfile.Entry::flop)
                    .sum();
            assertEquals(557e9, device.profile().total().flop() - attention, 0.5e9);
        }
        try (Arena parameters = device.newArena("parameters");
                Workspace workspace = new Workspace(device, "plan")) {
            SegmentationNetwork segmentation =
                    new SegmentationNetwork(new SegmentationConfig(6, 1, 64), device, parameters, true);
            device.profile().clear();
            Pass pass = Pass.training(device.ops(), workspace, DType.FLOAT32);
            segmentation.forward(pass, pass.float32(1, 256, 256, 6), true);
            assertEquals(76e9, device.profile().total().flop(), 0.5e9);
        }
    }

    @Test
    void peakIsTheMostHeldAtOnce() {
        PlanningDevice device = new PlanningDevice();
        try (Arena first = device.newArena("first")) {
            first.float32(64 << 20);
        }
        try (Arena second = device.newArena("second");
                Arena third = device.newArena("third")) {
            second.float32(32 << 20);
            third.float32(48 << 20);
        }
        assertEquals((32L + 48) * 4 << 20, device.peakMemory());
    }

    @Test
    void packedWeightsAreCountedOnceForEveryUse() {
        PlanningDevice device = new PlanningDevice();
        try (Arena arena = device.newArena("test")) {
            Weight w = new Weight("w", arena.float32(32, 3, 3, 64));
            long elements = w.value().elements();
            Tensor y = arena.float32(1, 4, 4, 32);
            for (int call = 0; call < 2; call++) {
                device.ops().conv2dForward(y, arena.float32(1, 4, 4, 64), w, Epilogue.NONE, Conv2d.of(3));
            }
            assertEquals(4 * elements, device.packedWeightBytes());
            device.ops()
                    .conv2dForwardQuantized(
                            y,
                            arena.tensor(DType.UINT8, 1, 4, 4, 64),
                            new Quantization(1f, 0),
                            w,
                            Epilogue.NONE,
                            Conv2d.of(3));
            assertEquals(5 * elements, device.packedWeightBytes());
            device.ops()
                    .conv2dBackwardData(
                            arena.tensor(DType.BFLOAT16, 1, 4, 4, 64),
                            arena.tensor(DType.BFLOAT16, 1, 4, 4, 32),
                            w,
                            Conv2d.of(3),
                            false);
            assertEquals(7 * elements, device.packedWeightBytes());
        }
    }

    @Test
    void computesNothing() {
        PlanningDevice device = new PlanningDevice();
        try (Arena arena = device.newArena("test")) {
            device.ops().fill(arena.float32(1 << 30), 1);
            OperationProfile.Entry total = device.profile().total();
            assertEquals(4L << 30, total.bytes());
            assertEquals(0, total.nanoseconds());
            assertTrue(device.peakMemory() >= 4L << 30);
        }
    }
}
