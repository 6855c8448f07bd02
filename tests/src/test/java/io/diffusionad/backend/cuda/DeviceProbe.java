package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.tensor.Arena;

/**
 * A process of its own for {@link CudaUnavailableTest}: opens a device, allocates and fills, and prints what came of
 * it. Arguments: device name, mebibytes.
 */
final class DeviceProbe {
    private DeviceProbe() {}

    public static void main(String[] arguments) {
        try (Device device = Devices.open(arguments[0], DeviceOptions.DEFAULT);
                Arena arena = device.newArena("probe")) {
            device.ops().fill(arena.float32(Integer.parseInt(arguments[1]) << 18), 0f);
            device.synchronize();
            System.out.println("opened " + device.description());
        } catch (RuntimeException e) {
            System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
