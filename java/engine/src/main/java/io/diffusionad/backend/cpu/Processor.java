package io.diffusionad.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What Linux says about this machine, from its text files; every answer has a fallback where a file is missing. */
final class Processor {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final Path MEMORY_INFO = Path.of("/proc/meminfo");
    private static final Path CGROUP_LIMIT = Path.of("/sys/fs/cgroup/memory.max");
    private static final Path CGROUP_USED = Path.of("/sys/fs/cgroup/memory.current");

    private Processor() { }

    static String modelName() {
        return lines(CPU_INFO).stream().filter(line -> line.startsWith("model name")).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(System.getProperty("os.arch"));
    }

    /** Cores, counting hyper-threads once, but never more than this process may use. */
    static int physicalCores() {
        int allowed = Runtime.getRuntime().availableProcessors();
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

    /** The kernel's estimate of what can be had without swapping, or what is left of the control group's limit if that is less. */
    static long availableMemory() {
        long machine = lines(MEMORY_INFO).stream().filter(line -> line.startsWith("MemAvailable:")).findFirst()
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10).orElse(Runtime.getRuntime().maxMemory());
        Optional<Long> limit = number(CGROUP_LIMIT);
        Optional<Long> used = number(CGROUP_USED);
        return limit.isPresent() && used.isPresent() ? Math.min(machine, Math.max(0, limit.get() - used.get())) : machine;
    }

    /** Empty where the file is missing or says {@code max}. */
    private static Optional<Long> number(Path file) {
        return lines(file).stream().findFirst().filter(line -> line.matches("\\d{1,18}")).map(Long::parseLong);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of(); // another kernel, another container: the callers have fallbacks
        }
    }
}
