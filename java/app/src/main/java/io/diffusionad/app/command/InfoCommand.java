package io.diffusionad.app.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.ProgramVersion;
import io.diffusionad.app.console.Units;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.DeviceProvider;
import io.diffusionad.device.Devices;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code info}: what this machine offers. */
@Command(name = "info", description = "Shows devices, instruction sets and versions, and why a device is not available.",
        footer = {"", "Examples:", "  diffusionad info", "  diffusionad info --json"})
final class InfoCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    InfoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        List<DeviceReport> devices = new ArrayList<>();
        for (DeviceProvider provider : Devices.providers()) {
            devices.add(DeviceReport.of(provider));
        }
        if (json) {
            console.print("%s", json(devices));
        } else {
            print(devices);
        }
        return ExitCode.OK;
    }

    private void print(List<DeviceReport> devices) {
        console.print("%s", ProgramVersion.describe());
        console.print("machine: %d processors, Java heap up to %s", Runtime.getRuntime().availableProcessors(),
                Units.bytes(Runtime.getRuntime().maxMemory()));
        for (DeviceReport device : devices) {
            if (device.available()) {
                console.print("%s: %s", device.kind(), device.description());
                console.print("  free memory %s, bfloat16 unit: %s, int8: %s", Units.bytes(device.freeMemory()), device.fastBfloat16() ? "yes" : "no",
                        device.int8() ? "yes" : "no");
            } else {
                console.print("%s: not available: %s", device.kind(), device.cause());
            }
        }
        devices.stream().filter(DeviceReport::available).findFirst().ifPresentOrElse(
                preferred -> console.print("--device auto takes: %s", preferred.kind()),
                () -> console.print("--device auto finds none"));
    }

    private static String json(List<DeviceReport> devices) throws JsonProcessingException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("version", ProgramVersion.number());
        report.put("java", System.getProperty("java.version"));
        report.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        report.put("architecture", System.getProperty("os.arch"));
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("maxHeapBytes", Runtime.getRuntime().maxMemory());
        report.put("devices", devices);
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
    }

    /** One kind of device, opened for a moment. Numbers are 0 and the description null where it is not available; then cause says why. */
    record DeviceReport(String kind, boolean available, String cause, String name, String description, long freeMemory, boolean fastBfloat16,
                        boolean int8) {
        static DeviceReport of(DeviceProvider provider) {
            Optional<String> cause = provider.unavailabilityCause();
            if (cause.isPresent()) {
                return new DeviceReport(provider.kind(), false, cause.get(), null, null, 0, false, false);
            }
            try (Device device = provider.open(0, DeviceOptions.DEFAULT)) {
                return new DeviceReport(provider.kind(), true, null, device.name(), device.description(), device.availableMemory(),
                        device.hasFastBfloat16(), device.computesInt8());
            }
        }
    }
}
