package io.diffusionad.settings;

import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PrecisionTest {
    @Test
    void autoAndInt8TakeBfloat16WhereItIsFast() {
        for (Precision precision : new Precision[] {Precision.AUTO, Precision.INT8}) {
            assertEquals(DType.BFLOAT16, precision.on(device(true, true)), precision.name());
            assertEquals(DType.FLOAT32, precision.on(device(false, true)), precision.name());
        }
        assertEquals(DType.FLOAT32, Precision.FLOAT32.on(device(true, true)));
        assertEquals(DType.BFLOAT16, Precision.BF16.on(device(false, false)));
    }

    @Test
    void int8IsRefusedWhereTheProcessorLacksIt() {
        String message = assertThrows(InvalidInputException.class, () -> Precision.INT8.on(device(true, false)))
                .getMessage();
        assertTrue(message.contains("AVX2") && message.contains("bf16"), message);
    }

    private static Device device(boolean fastBfloat16, boolean int8) {
        Device reference = ReferenceDevice.exact();
        return (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(),
                new Class<?>[] {Device.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "hasFastBfloat16" -> fastBfloat16;
                    case "computesInt8" -> int8;
                    default -> method.invoke(reference, arguments);
                });
    }
}
