package io.diffusionad.device;

import java.util.List;
import java.util.Optional;

/**
 * Opens one kind of device; found through {@link java.util.ServiceLoader}. A provider's probe never prints and never
 * throws.
 */
public interface DeviceProvider {
    /** {@code cpu} or {@code cuda}. */
    String kind();

    /** Higher goes first under {@code auto}. */
    int preference();

    /**
     * Empty when a device of this kind can be opened; else why not, in a sentence, with the way out. The probe is real:
     * it loads the library and asks.
     */
    Optional<String> unavailabilityCause();

    /** Devices of this kind, numbered from 0; asked only where {@link #unavailabilityCause} is empty. */
    default int count() {
        return 1;
    }

    /**
     * What else a user should know of this kind of device on this machine, a sentence each; asked only where
     * {@link #unavailabilityCause} is empty.
     */
    default List<String> remarks() {
        return List.of();
    }

    /** @throws DeviceUnavailableException for an index that does not exist, or a device that does not work */
    Device open(int index, DeviceOptions options);
}
