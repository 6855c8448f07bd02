package io.diffusionad.benchmarks.card;

import io.diffusionad.benchmarks.DeviceSeconds;
import io.diffusionad.device.Device;
import io.diffusionad.device.Recording;

/**
 * Times work on a device between two waits; work is recorded once and replayed, so that the host's pace does not
 * matter.
 */
final class DeviceTimer {
    private final Device device;
    private final int repeats;

    DeviceTimer(Device device, int repeats) {
        this.device = device;
        this.repeats = repeats;
    }

    /** Median seconds of one run of {@code work}, which must be recordable. */
    double medianSeconds(Runnable work) {
        try (Recording recording = device.record(work)) {
            return medianOf(recording::replay);
        }
    }

    /** Median seconds of one run of {@code work}, issued anew each time. */
    double medianOf(Runnable work) {
        return DeviceSeconds.medianOf(device, repeats, work);
    }
}
