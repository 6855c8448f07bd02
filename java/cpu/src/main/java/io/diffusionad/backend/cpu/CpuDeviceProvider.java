package io.diffusionad.backend.cpu;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.DeviceProvider;
import io.diffusionad.device.DeviceUnavailableException;

import java.util.Optional;

/** The processor: present wherever its native library loads. */
public final class CpuDeviceProvider implements DeviceProvider {
    @Override
    public String kind() {
        return "cpu";
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public Optional<String> unavailabilityCause() {
        try {
            CpuLibrary.load();
            return Optional.empty();
        } catch (RuntimeException | UnsatisfiedLinkError e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public Device open(int index, DeviceOptions options) {
        if (index != 0) {
            throw new DeviceUnavailableException("device cpu:" + index + " is not available: there is one, cpu:0");
        }
        return new CpuDevice(options);
    }
}
