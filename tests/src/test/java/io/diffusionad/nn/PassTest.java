package io.diffusionad.nn;

import io.diffusionad.plan.PlanningDevice;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PassTest {
    private record First(int value) {}

    private record Second(int value) {}

    private final PlanningDevice device = new PlanningDevice();
    private final Workspace workspace = new Workspace(device, "pass test");

    @AfterEach
    void close() {
        workspace.close();
    }

    @Test
    void recordsComeBackInReverseOrder() {
        Pass pass = Pass.training(device.ops(), workspace, DType.FLOAT32);
        Object a = new Object();
        Object b = new Object();
        pass.save(a, new First(1));
        pass.save(b, new Second(2));
        pass.save(a, new First(3));
        assertEquals(3, pass.restore(a, First.class).value());
        assertEquals(2, pass.restore(b, Second.class).value());
        assertEquals(1, pass.restore(a, First.class).value());
    }

    @Test
    void backwardOutOfOrderIsRefused() {
        Pass pass = Pass.training(device.ops(), workspace, DType.FLOAT32);
        pass.save("one layer", new First(1));
        assertThrows(IllegalStateException.class, () -> pass.restore("another layer", First.class));
    }

    @Test
    void inferenceSavesNothing() {
        Pass pass = Pass.inference(device.ops(), workspace, DType.FLOAT32);
        pass.save("layer", new First(1));
        String message = assertThrows(IllegalStateException.class, () -> pass.restore("layer", First.class))
                .getMessage();
        assertTrue(message.contains("nothing is saved"), message);
    }

    @Test
    void activationsFlowBetweenTwoArenas() {
        Pass pass = Pass.inference(device.ops(), workspace, DType.BFLOAT16);
        Tensor a = pass.output(8);
        pass.keep(a);
        Tensor b = pass.output(8);
        assertNotSame(a.owner(), b.owner());
        a.checkLive();
        pass.keep(b);
        Tensor c = pass.output(8);
        assertSame(a.owner(), c.owner());
        assertThrows(IllegalStateException.class, a::checkLive);
        b.checkLive();
        assertEquals(DType.BFLOAT16, c.dtype());
    }

    @Test
    void savingPassKeepsOutputsAndTemporaries() {
        Pass pass = Pass.training(device.ops(), workspace, DType.FLOAT32);
        Tensor temporary;
        try (var temporaries = pass.temporaries()) {
            temporary = pass.tensor(4);
        }
        Tensor output = pass.output(4);
        pass.keep(output);
        temporary.checkLive();
        assertSame(workspace.main(), output.owner());
    }

    @Test
    void activationsAreFloats() {
        assertThrows(IllegalArgumentException.class, () -> Pass.inference(device.ops(), workspace, DType.INT64));
    }
}
