package io.diffusionad.app;

import io.diffusionad.app.run.MemoryFit;
import io.diffusionad.app.run.Preset;
import io.diffusionad.app.run.RunSettings;
import io.diffusionad.app.run.TrainingPlan;
import io.diffusionad.device.Device;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import io.diffusionad.train.MemoryMode;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Memory is looked at before training starts, and before a run goes on. */
class MemoryFitTest {
    private static final RunSettings FAST =
            Preset.TINY.settings().toBuilder().memory(MemoryMode.FAST).build();

    @Test
    void whatIsLeftOpenIsTheQuickestThatFitsComfortably() {
        RunSettings roomy = fit(100L << 30).choose(FAST, Optional.empty(), Optional.empty());
        assertEquals(MemoryMode.FAST, roomy.memory());
        RunSettings narrow = fit(plan(FAST).memory()).choose(FAST, Optional.empty(), Optional.empty());
        assertEquals(MemoryMode.LEAN, narrow.memory());
        assertTrue(plan(narrow).memory() <= plan(FAST).memory() / 2, narrow.toString());
    }

    @Test
    void aRefusalNamesASettingThatFits() {
        MemoryFit fit = fit(plan(FAST).memory());
        String refusal = assertThrows(InvalidInputException.class, () -> fit.require(FAST, plan(FAST)))
                .getMessage();
        assertTrue(refusal.contains(" are free: add --memory lean"), refusal);
        assertTrue(assertThrows(InvalidInputException.class, () -> fit(1 << 20).require(FAST, plan(FAST)))
                .getMessage()
                .contains("--image-size"));
    }

    /** One image of 32x32 pixels cannot be trained on: the search for a remedy must not try. */
    @Test
    void smallImagesHaveARefusalToo() {
        RunSettings small = FAST.toBuilder()
                .model(ModelSettings.of(32, 32, 4, List.of(1.0, 1.0)))
                .batch(2)
                .build();
        assertTrue(assertThrows(InvalidInputException.class, () -> fit(1 << 20).require(small, plan(small)))
                .getMessage()
                .contains("--image-size"));
    }

    /** A run that goes on keeps its settings: to change one is no way out. */
    @Test
    void aRunThatGoesOnIsRefusedWithoutNamingSettings() {
        fit(100L << 30).requireAsItIs(plan(FAST));
        String refusal = assertThrows(
                        InvalidInputException.class,
                        () -> fit(plan(FAST).memory()).requireAsItIs(plan(FAST)))
                .getMessage();
        assertTrue(refusal.contains("close other programs") && !refusal.contains("--"), refusal);
    }

    /** A device whose operations will come to need memory of their own has that much less for training. */
    @Test
    void whatADeviceReservesIsNotPlannedWith() {
        long needed = plan(FAST).memory();
        new MemoryFit(device(needed * 2, 0), DType.FLOAT32).requireAsItIs(plan(FAST));
        MemoryFit reserving = new MemoryFit(device(needed * 2, needed), DType.FLOAT32);
        assertThrows(InvalidInputException.class, () -> reserving.requireAsItIs(plan(FAST)));
        String refusal = assertThrows(
                        InvalidInputException.class,
                        () -> new MemoryFit(device(needed, needed * 2), DType.FLOAT32).requireAsItIs(plan(FAST)))
                .getMessage();
        assertTrue(refusal.contains("and 0 B are free"), refusal);
    }

    /** A device of which only the memory is asked. */
    private static Device device(long available, long reserved) {
        return (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(),
                new Class<?>[] {Device.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "availableMemory" -> available;
                    case "reservedMemory" -> reserved;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static MemoryFit fit(long available) {
        return new MemoryFit(available, DType.FLOAT32);
    }

    private static TrainingPlan plan(RunSettings settings) {
        return TrainingPlan.of(settings.model(), settings.training(DType.FLOAT32));
    }
}
