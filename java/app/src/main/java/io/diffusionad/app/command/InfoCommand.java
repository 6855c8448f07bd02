package io.diffusionad.app.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.diffusionad.app.console.Console;
import io.diffusionad.app.console.ExitCode;
import io.diffusionad.app.console.ProgramVersion;
import io.diffusionad.app.console.Units;
import io.diffusionad.app.run.CheckpointFile;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.DeviceProvider;
import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.device.Devices;
import io.diffusionad.image.JpegDecoder;
import io.diffusionad.settings.ModelCard;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/** {@code info}: what this machine offers, or what a checkpoint is. */
@Command(
        name = "info",
        description = {
            "Shows devices, instruction sets and versions, and why a device is not available;",
            "or what a checkpoint is and what its decisions are worth."
        },
        footer = {
            "",
            "Examples:",
            "  diffusionad info",
            "  diffusionad info --json",
            "  diffusionad info --checkpoint runs/bottle"
        })
final class InfoCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(
            names = {"-m", "--checkpoint"},
            paramLabel = "FILE",
            description =
                    "Describe a checkpoint instead: what it was trained on, how it decides, and what that is worth.")
    private Path checkpoint;

    InfoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (checkpoint != null) {
            return describeCheckpoint();
        }
        List<DeviceReport> devices = new ArrayList<>();
        for (DeviceProvider provider : Devices.providers()) {
            devices.addAll(DeviceReport.of(provider));
        }
        if (json) {
            console.print("%s", json(devices));
        } else {
            print(devices);
        }
        return ExitCode.OK;
    }

    private int describeCheckpoint() throws IOException {
        Path file = CheckpointFile.in(checkpoint);
        ModelCard card = Checkpoint.readCard(file);
        if (json) {
            console.print("%s", indented(CheckpointReport.describe(file, card)));
        } else {
            CheckpointReport.print(console, file, card);
        }
        return ExitCode.OK;
    }

    private static String indented(Map<String, Object> report) throws JsonProcessingException {
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
    }

    private void print(List<DeviceReport> devices) {
        console.print("%s", ProgramVersion.describe());
        console.print(
                "machine: %d processors, Java heap up to %s",
                Runtime.getRuntime().availableProcessors(),
                Units.bytes(Runtime.getRuntime().maxMemory()));
        console.print("%s", JpegDecoder.description());
        for (DeviceReport device : devices) {
            if (device.available()) {
                console.print("%s: %s", device.name(), device.description());
                console.print(
                        "  free memory %s, bfloat16 unit: %s, int8: %s",
                        Units.bytes(device.freeMemory()),
                        device.fastBfloat16() ? "yes" : "no",
                        device.int8() ? "yes" : "no");
            } else {
                console.print("%s: not available: %s", device.name(), device.cause());
            }
        }
        remarks().forEach(remark -> console.print("%s", remark));
        devices.stream()
                .filter(DeviceReport::available)
                .findFirst()
                .ifPresentOrElse(
                        preferred -> console.print("--device auto takes: %s", preferred.name()),
                        () -> console.print("--device auto finds none"));
    }

    private static List<String> remarks() {
        return Devices.providers().stream()
                .filter(provider -> provider.unavailabilityCause().isEmpty())
                .flatMap(provider -> provider.remarks().stream())
                .toList();
    }

    private static String json(List<DeviceReport> devices) throws JsonProcessingException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("version", ProgramVersion.number());
        report.put("java", System.getProperty("java.version"));
        report.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        report.put("architecture", System.getProperty("os.arch"));
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("maxHeapBytes", Runtime.getRuntime().maxMemory());
        report.put("jpegDecoder", JpegDecoder.description());
        report.put("devices", devices);
        report.put("remarks", remarks());
        return indented(report);
    }

    /**
     * One device, opened for a moment. Numbers are 0 and the description null where it is not available; then cause
     * says why.
     */
    record DeviceReport(
            String kind,
            boolean available,
            String cause,
            String name,
            String description,
            long freeMemory,
            boolean fastBfloat16,
            boolean int8) {
        /** All of a kind; one report, under the kind's name, where there is none. */
        static List<DeviceReport> of(DeviceProvider provider) {
            Optional<String> cause = provider.unavailabilityCause();
            return cause.isPresent()
                    ? List.of(unavailable(provider.kind(), provider.kind(), cause.get()))
                    : IntStream.range(0, provider.count())
                            .mapToObj(index -> of(provider, index))
                            .toList();
        }

        private static DeviceReport of(DeviceProvider provider, int index) {
            try (Device device = provider.open(index, DeviceOptions.DEFAULT)) {
                return new DeviceReport(
                        provider.kind(),
                        true,
                        null,
                        device.name(),
                        device.description(),
                        device.availableMemory(),
                        device.hasFastBfloat16(),
                        device.computesInt8());
            } catch (DeviceUnavailableException e) {
                return unavailable(provider.kind(), Devices.nameOf(provider, index), e.getMessage());
            }
        }

        private static DeviceReport unavailable(String kind, String name, String cause) {
            return new DeviceReport(kind, false, cause, name, null, 0, false, false);
        }
    }
}
