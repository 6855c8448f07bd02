package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.device.DecoratedDevice;
import io.diffusionad.device.Device;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.ops.ProfiledOps;
import picocli.CommandLine.Option;

/** The option that shows where a device's time goes. */
final class ProfileChoice {
    @Option(
            names = "--profile",
            description = {
                "At the end, print on standard error where the time went: a table by layer and operation with time,",
                "share, GFLOP/s and GB/s, and one by operation. Every operation is waited for, which costs a GPU some speed."
            })
    private boolean asked;

    private ProfiledOps profiled;

    /** The device with measured operations when they were asked for, else the device itself. */
    Device measured(Device device) {
        if (!asked) {
            return device;
        }
        profiled = DecoratedDevice.profiling(device);
        return new DecoratedDevice(device, profiled);
    }

    boolean asked() {
        return asked;
    }

    /** Leaves out of the tables what ran so far. */
    void restart() {
        if (asked) {
            profiled.profile().clear();
        }
    }

    void print(Console console) {
        if (asked) {
            OperationProfile profile = profiled.profile();
            console.err().println(OperationProfile.table(profile.byLayer(), profile.total()));
            console.err().println(OperationProfile.table(profile.byOperation(), profile.total()));
            console.err().flush();
        }
    }
}
