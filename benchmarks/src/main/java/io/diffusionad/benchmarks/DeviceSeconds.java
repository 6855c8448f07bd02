package io.diffusionad.benchmarks;

import io.diffusionad.device.Device;

import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;

/** Seconds that work takes on a device. */
public final class DeviceSeconds {
    private DeviceSeconds() {}

    /** Of one run, between two waits for the device. */
    public static double of(Device device, Runnable work) {
        device.synchronize();
        long started = System.nanoTime();
        work.run();
        device.synchronize();
        return (System.nanoTime() - started) * 1e-9;
    }

    /** Median of some runs, after one that does not count. */
    public static double medianOf(Device device, int runs, Runnable work) {
        work.run();
        return median(runs, () -> of(device, work));
    }

    /** Median of some measurements, the upper one of an even number. */
    static double median(int runs, DoubleSupplier seconds) {
        return DoubleStream.generate(seconds)
                .limit(runs)
                .sorted()
                .skip(runs / 2)
                .findFirst()
                .orElseThrow();
    }
}
