package io.diffusionad.ops;

import io.diffusionad.device.DecoratedDevice;
import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.cases.OperationTable;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CheckedOpsTest {
    private final ReferenceDevice device = ReferenceDevice.exact();
    private final Arena arena = device.newArena("test");
    private final Ops checked = DecoratedDevice.checked(device, true).ops();

    @AfterEach
    void closeArena() {
        arena.close();
    }

    @Test
    void acceptsEveryCaseOfTheTable() {
        DecoratedDevice operandsChecked = DecoratedDevice.checked(device, false);
        for (OperationCase operationCase : OperationTable.cases()) {
            for (DType precision : operationCase.precisions()) {
                operationCase.run(operandsChecked, operationCase.inputs(precision, OperationTable.SEED), precision);
            }
        }
    }

    @Test
    void namesOperationOperandsAndRule() {
        Tensor y = arena.float32(1, 4, 4, 8);
        Tensor x = arena.float32(1, 4, 4, 16);
        Weight narrow = new Weight("w", arena.float32(8, 3, 3, 12));
        OpException error =
                assertThrows(OpException.class, () -> checked.conv2dForward(y, x, narrow, Epilogue.NONE, Conv2d.of(3)));
        assertEquals(
                "conv2dForward y=float32[1,4,4,8] x=float32[1,4,4,16] w=float32[8,3,3,12]: the weight has too few input channels for offset 0",
                error.getMessage());
    }

    @Test
    void refusesWrongShapesAndTypes() {
        Tensor x = arena.float32(2, 4, 4, 6);
        Tensor half = arena.tensor(DType.BFLOAT16, 2, 4, 4, 6);
        Tensor odd = arena.float32(2, 3, 4, 6);
        Tensor statistics = arena.float32(2, 4);
        Tensor channel = arena.float32(6);
        refused(() -> checked.addScaled(x, half, 1), "x must be FLOAT32");
        refused(() -> checked.copy(x, odd), "y must be [2, 3, 4, 6]");
        refused(() -> checked.resampleForward(x, odd, Resample.DOWN), "even height");
        refused(
                () -> checked.groupNormForward(
                        x, statistics, statistics, x, null, channel, channel, 4, 1e-5f, Activation.SILU, Resample.NONE),
                "4 groups");
        refused(() -> checked.linearForward(x, x, new Weight("w", channel), channel), "must have 2 dimensions");
        refused(() -> checked.addNoise(x, x, null, x), "noise is missing");
        refused(
                () -> checked.adamStep(x, x, x, x, ElementwiseOps.AdamSettings.DEFAULT, 1, 0),
                "step must be at least 1");
    }

    @Test
    void refusesOverlapExceptWhereDocumented() {
        Tensor slab = arena.float32(3, 4);
        checked.fill(slab, 1);
        refused(() -> checked.activationForward(slab.slice(0, 2), slab.slice(1, 3), Activation.SILU), "y overlaps x");
        checked.activationForward(slab, slab, Activation.SILU);
        assertEquals(0.731f, Transfers.toFloats(device, slab)[0], 1e-3f);
        Tensor image = arena.float32(1, 2, 2, 3);
        refused(() -> checked.resampleForward(image, image, Resample.NONE), "y overlaps x");
    }

    @Test
    void refusesReleasedTensors() {
        long mark = arena.mark();
        Tensor gone = arena.float32(3);
        arena.release(mark);
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> checked.fill(gone, 1));
        assertTrue(error.getMessage().contains("arena test released it"), error.getMessage());
    }

    @Test
    void findsTheFirstNaNAndItsLayer() {
        Tensor x = arena.float32(1, 4);
        Tensor y = arena.float32(1, 4);
        Transfers.upload(device, x, new float[] {1, 2, Float.NaN, 4});
        checked.layer("down.1.0");
        refused(() -> checked.copy(y, x), "in layer down.1.0: element 2 of the result float32[1,4] is NaN");
    }

    private static void refused(org.junit.jupiter.api.function.Executable call, String part) {
        OpException error = assertThrows(OpException.class, call);
        assertTrue(error.getMessage().contains(part), error.getMessage());
    }
}
