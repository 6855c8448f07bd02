package io.diffusionad.device;

import io.diffusionad.plan.PlanningDevice;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** What {@code --device auto} takes. */
class DevicesTest {
    private final PlanningDevice device = new PlanningDevice();

    /** A kind of device with {@code count} of them, of which only number {@code working} opens. */
    private final class Kind implements DeviceProvider {
        private final String name;
        private final int count;
        private final int working;

        Kind(String name, int count, int working) {
            this.name = name;
            this.count = count;
            this.working = working;
        }

        @Override
        public String kind() {
            return name;
        }

        @Override
        public int preference() {
            return 0;
        }

        @Override
        public Optional<String> unavailabilityCause() {
            return count == 0 ? Optional.of("there is none") : Optional.empty();
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public Device open(int index, DeviceOptions options) {
            if (index != working) {
                throw new DeviceUnavailableException("number " + index + " is broken");
            }
            return device;
        }
    }

    @Test
    void aDeviceThatDoesNotOpenIsPassedOver() {
        assertSame(
                device,
                Devices.openPreferred(
                        List.of(new Kind("absent", 0, -1), new Kind("broken", 1, -1), new Kind("cpu", 1, 0)),
                        DeviceOptions.DEFAULT));
        assertSame(device, Devices.openPreferred(List.of(new Kind("cuda", 2, 1)), DeviceOptions.DEFAULT));
    }

    @Test
    void whereNothingOpensEveryCauseIsNamed() {
        List<DeviceProvider> providers = List.of(new Kind("absent", 0, -1), new Kind("cuda", 2, -1));
        assertEquals(
                "no device is available (absent: there is none; cuda:0: number 0 is broken; cuda:1: number 1 is broken)",
                assertThrows(
                                DeviceUnavailableException.class,
                                () -> Devices.openPreferred(providers, DeviceOptions.DEFAULT))
                        .getMessage());
    }

    @Test
    void aLibraryAskedForByNameIsNotGivenUpForAnotherDevice() {
        List<DeviceProvider> providers = List.of(new Kind("cuda", 1, -1), new Kind("cpu", 1, 0));
        assertThrows(
                DeviceUnavailableException.class,
                () -> Devices.openPreferred(providers, new DeviceOptions(0, "cudnn")));
    }
}
