package io.diffusionad.backend.cpu;

import io.diffusionad.device.ContainerLimits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What Linux says about this machine, from its text files; every answer has a fallback where a file is missing. */
final class Processor {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final Path MEMORY_INFO = Path.of("/proc/meminfo");

    private Processor() {}

    static String modelName() {
        return lines(CPU_INFO).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse(System.getProperty("os.arch"));
    }

    /** Cores, counting hyper-threads once, but never more than this process may use. */
    static int physicalCores() {
        int allowed =
                ContainerLimits.ofThisProcess().processors(Runtime.getRuntime().availableProcessors());
        Set<String> cores = new HashSet<>();
        String socket = "";
        for (String line : lines(CPU_INFO)) {
            if (line.startsWith("physical id")) {
                socket = line;
            } else if (line.startsWith("core id")) {
                cores.add(socket + line);
            }
        }
        return cores.isEmpty() ? allowed : Math.min(allowed, cores.size());
    }

    /**
     * The kernel's estimate of what can be had without swapping, or what is left of the control groups' limits if that
     * is less.
     */
    static long availableMemory() {
        long machine = lines(MEMORY_INFO).stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .findFirst()
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .orElse(Runtime.getRuntime().maxMemory());
        return Math.min(
                machine, ContainerLimits.ofThisProcess().availableMemory().orElse(Long.MAX_VALUE));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of(); // another kernel, another container: the callers have fallbacks
        }
    }
}
