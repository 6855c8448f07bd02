package io.diffusionad.device;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** Opens devices by name. */
public final class Devices {
    private Devices() { }

    /** Every provider on the class path, preferred first. */
    public static List<DeviceProvider> providers() {
        return ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(DeviceProvider::preference).reversed())
                .toList();
    }

    /**
     * @param name {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}
     * @throws DeviceUnavailableException when the named device is missing, with the cause
     */
    public static Device open(String name, DeviceOptions options) {
        if (name.equals("auto")) {
            return openPreferred(options);
        }
        String kind = name.contains(":") ? name.substring(0, name.indexOf(':')) : name;
        DeviceProvider provider = providers().stream().filter(p -> p.kind().equals(kind)).findFirst()
                .orElseThrow(() -> new DeviceUnavailableException("unknown device '" + name + "': use auto, cpu, cuda or cuda:INDEX"));
        provider.unavailabilityCause().ifPresent(cause -> {
            throw new DeviceUnavailableException("device " + name + " is not available: " + cause);
        });
        return DecoratedDevice.asConfigured(provider.open(index(name), options));
    }

    private static Device openPreferred(DeviceOptions options) {
        StringBuilder causes = new StringBuilder();
        for (DeviceProvider provider : providers()) {
            Optional<String> cause = provider.unavailabilityCause();
            if (cause.isEmpty()) {
                return DecoratedDevice.asConfigured(provider.open(0, options));
            }
            causes.append(causes.isEmpty() ? "" : "; ").append(provider.kind()).append(": ").append(cause.get());
        }
        throw new DeviceUnavailableException("no device is available (" + causes + ")");
    }

    private static int index(String name) {
        int colon = name.indexOf(':');
        if (colon < 0) {
            return 0;
        }
        try {
            return Integer.parseInt(name.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new DeviceUnavailableException("device '" + name + "': the part after ':' must be a number, as in cuda:1");
        }
    }
}
