package io.diffusionad.app.command;

import io.diffusionad.DetectorOptions;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import picocli.CommandLine.Option;

import java.util.List;

/** The options that say where to compute. */
final class DeviceChoice {
    private static final List<String> PROVIDERS = List.of("own", "cublas", "cudnn", "auto");

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, cpu, cuda or cuda:INDEX (default: ${DEFAULT-VALUE}: a working GPU, else the CPU).")
    private String name;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "CPU threads (default: one a physical core).")
    private int threads;

    @Option(
            names = "--providers",
            paramLabel = "NAME",
            defaultValue = "own",
            description =
                    "Who computes convolutions on a GPU: own kernels, or the faster of these and cublas, cudnn or auto (both where installed; "
                            + "default: ${DEFAULT-VALUE}).")
    private String providers;

    /** Opens the device; the caller closes it. */
    Device open() {
        requirePossible();
        return Devices.open(name, new DeviceOptions(threads, providers));
    }

    DetectorOptions detectorOptions() {
        requirePossible();
        return DetectorOptions.DEFAULT.withDevice(name).withThreads(threads).withProviders(providers);
    }

    private void requirePossible() {
        if (!PROVIDERS.contains(providers)) {
            throw new InvalidInputException("there is no provider '" + providers + "': use own, cublas, cudnn or auto");
        }
        if (threads < 0 || threads > 1024) {
            throw new InvalidInputException(
                    "--threads " + threads + " is impossible: give 0 (one a physical core) to 1024");
        }
    }
}
