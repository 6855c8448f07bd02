package io.diffusionad.benchmarks.suite;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where results come from.
 *
 * @param processor model name
 * @param device as the engine describes it, instruction sets included
 * @param cores that the JVM may use
 * @param threads that the device computes with; as many as cores where it does not say
 * @param memoryMib of the machine
 * @param java version and name of the JVM
 */
public record Machine(String processor, String device, int cores, int threads, long memoryMib, String os, String java) {
    private static final String UNKNOWN = "unknown";
    private static final Pattern THREADS = Pattern.compile(", (\\d+) threads?, ");

    static Machine here(String deviceName, int threads) {
        try (Device device = Devices.open(deviceName, new DeviceOptions(threads, DeviceOptions.DEFAULT.providers()))) {
            // What is free at the moment does not describe the machine.
            String description = device.description().replaceAll("; \\d+ MiB of memory available", "");
            int cores = Runtime.getRuntime().availableProcessors();
            Matcher said = THREADS.matcher(description);
            return new Machine(
                    fact(Path.of("/proc/cpuinfo"), "model name", System.getProperty("os.arch")),
                    device.name() + ": " + description,
                    cores,
                    said.find() ? Integer.parseInt(said.group(1)) : cores,
                    totalMemoryMib(),
                    System.getProperty("os.name") + " " + System.getProperty("os.version"),
                    System.getProperty("java.version") + " " + System.getProperty("java.vm.name"));
        }
    }

    /** For file names: {@code amd-epyc-9r14}. */
    String slug() {
        return processor
                .toLowerCase(Locale.ROOT)
                .replaceAll("\\((r|tm)\\)|processor|cpu|@.*|\\d+-core", " ")
                .strip()
                .replaceAll("[^a-z0-9]+", "-");
    }

    /** The machine's load average over the last minute, or -1. */
    static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /**
     * The sources' commit; {@code -dirty} behind it when files that git tracks were changed, other than the results and
     * the document that this program writes.
     */
    static String commit(Path root) {
        String commit = git(root, "rev-parse", "--short=12", "HEAD");
        String changes = git(
                root,
                "status",
                "--porcelain",
                "--untracked-files=no",
                "--",
                ".",
                ":!benchmarks/results",
                ":!docs/results.md");
        return commit.equals(UNKNOWN) || changes.isEmpty() ? commit : commit + "-dirty";
    }

    private static String git(Path root, String... arguments) {
        try {
            List<String> command = new ArrayList<>(List.of("git", "-C", root.toString()));
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String answer = new String(process.getInputStream().readAllBytes()).strip();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? answer : UNKNOWN;
        } catch (IOException e) {
            return UNKNOWN; // no git here: results from an unpacked archive have no commit
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        }
    }

    private static long totalMemoryMib() {
        String digits = fact(Path.of("/proc/meminfo"), "MemTotal", "0").replaceAll("\\D", "");
        return Long.parseLong(digits) >> 10;
    }

    private static String fact(Path file, String name, String otherwise) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise; // another system than Linux
        }
    }
}
