package io.diffusionad.device;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/** Opens devices by name. */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
    /** Values of {@link DeviceOptions#providers()} that no library's absence contradicts. */
    private static final Set<String> ANY_PROVIDERS = Set.of("own", "auto");

    private Devices() {}

    /** Every provider on the class path, preferred first. */
    public static List<DeviceProvider> providers() {
        return ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(DeviceProvider::preference).reversed())
                .toList();
    }

    /**
     * @param name {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}
     * @throws DeviceUnavailableException when the named device is missing or does not work, with the cause
     */
    public static Device open(String name, DeviceOptions options) {
        if (name.equals("auto")) {
            return openPreferred(providers(), options);
        }
        String kind = name.contains(":") ? name.substring(0, name.indexOf(':')) : name;
        DeviceProvider provider = providers().stream()
                .filter(p -> p.kind().equals(kind))
                .findFirst()
                .orElseThrow(() -> new DeviceUnavailableException(
                        "unknown device '" + name + "': use auto, cpu, cuda or cuda:INDEX"));
        provider.unavailabilityCause().ifPresent(cause -> {
            throw new DeviceUnavailableException("device " + name + " is not available: " + cause);
        });
        return DecoratedDevice.asConfigured(provider.open(index(name), options));
    }

    /**
     * The first that opens. One that was found but cannot be opened is passed over with a line of the log; a kind that
     * is not there, silently. A library that was asked for by name is not given up for another device.
     */
    static Device openPreferred(List<DeviceProvider> providers, DeviceOptions options) {
        List<String> causes = new ArrayList<>();
        for (DeviceProvider provider : providers) {
            Optional<String> absence = provider.unavailabilityCause();
            absence.ifPresent(cause -> causes.add(provider.kind() + ": " + cause));
            for (int index = 0; absence.isEmpty() && index < provider.count(); index++) {
                try {
                    return DecoratedDevice.asConfigured(provider.open(index, options));
                } catch (DeviceUnavailableException e) {
                    if (!ANY_PROVIDERS.contains(options.providers())) {
                        throw e;
                    }
                    LOG.warn("device auto does without {}: {}", nameOf(provider, index), e.getMessage());
                    causes.add(nameOf(provider, index) + ": " + e.getMessage());
                }
            }
        }
        throw new DeviceUnavailableException("no device is available (" + String.join("; ", causes) + ")");
    }

    /** How a user names a device: without a number where there is one of its kind. */
    public static String nameOf(DeviceProvider provider, int index) {
        return provider.count() == 1 ? provider.kind() : provider.kind() + ":" + index;
    }

    private static int index(String name) {
        int colon = name.indexOf(':');
        if (colon < 0) {
            return 0;
        }
        try {
            return Integer.parseInt(name.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new DeviceUnavailableException(
                    "device '" + name + "': the part after ':' must be a number, as in cuda:1");
        }
    }
}
