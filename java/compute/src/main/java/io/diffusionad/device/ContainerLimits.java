package io.diffusionad.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the control groups of this process let it have, versions 1 and 2. A group lives below others whose limits hold
 * as well, so every limit is looked for from the process's own group up to the root of the mounted hierarchy, and the
 * tightest one counts.
 *
 * <p>Pages of files that the kernel keeps in memory are charged to a group, yet given back as soon as somebody needs
 * the memory. They count as available here: what is used is the group's usage less {@code inactive_file} and
 * {@code active_file} of its {@code memory.stat}.
 *
 * <p>Limits can change at any time, so each question reads the files again. Missing and unreadable files mean "no
 * limit". Thread-safe.
 */
public final class ContainerLimits {
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup");

    private final Path root;

    /** @param root of the file system, {@code /}; tests give another one with {@code proc} and {@code sys} in it */
    public ContainerLimits(Path root) {
        this.root = root;
    }

    /** Those of this process. */
    public static ContainerLimits ofThisProcess() {
        return new ContainerLimits(Path.of("/"));
    }

    /** Bytes that can be had before some group's limit is met, 0 or more; empty where no group limits memory. */
    public OptionalLong availableMemory() {
        long least = Long.MAX_VALUE;
        for (Path group : groups("")) {
            long limit = Math.min(number(group.resolve("memory.max")), number(group.resolve("memory.high")));
            least = Math.min(least, left(limit, group.resolve("memory.current"), group.resolve("memory.stat"), ""));
        }
        for (Path group : groups("memory")) {
            // A group of version 1 knows the limits above it, also those that a container does not show.
            Path statistics = group.resolve("memory.stat");
            long limit = Math.min(
                    number(group.resolve("memory.limit_in_bytes")),
                    entry(statistics, "hierarchical_memory_limit", Long.MAX_VALUE));
            least = Math.min(least, left(limit, group.resolve("memory.usage_in_bytes"), statistics, "total_"));
        }
        return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
    }

    /** Processors' worth of time that the groups grant, possibly a fraction; empty where none limits it. */
    public OptionalDouble processorQuota() {
        double least = Double.POSITIVE_INFINITY;
        for (Path group : groups("")) {
            String[] quotaAndPeriod =
                    String.join("", lines(group.resolve("cpu.max"))).strip().split("\\s+");
            if (quotaAndPeriod.length == 2) {
                least = Math.min(least, share(parse(quotaAndPeriod[0]), parse(quotaAndPeriod[1])));
            }
        }
        for (Path group : groups("cpu")) {
            least = Math.min(
                    least,
                    share(number(group.resolve("cpu.cfs_quota_us")), number(group.resolve("cpu.cfs_period_us"))));
        }
        return least == Double.POSITIVE_INFINITY ? OptionalDouble.empty() : OptionalDouble.of(least);
    }

    /**
     * Threads that the quota can keep running, at least 1 and at most {@code allowed}; a fraction of a processor counts
     * as one.
     */
    public int processors(int allowed) {
        OptionalDouble quota = processorQuota();
        return quota.isPresent() ? (int) Math.max(1, Math.min(allowed, Math.ceil(quota.getAsDouble()))) : allowed;
    }

    private static long left(long limit, Path usage, Path statistics, String prefix) {
        long used = number(usage);
        if (limit == Long.MAX_VALUE || used == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        long reclaimable =
                entry(statistics, prefix + "inactive_file", 0) + entry(statistics, prefix + "active_file", 0);
        return Math.max(0, limit - Math.max(0, used - reclaimable));
    }

    private static double share(long quota, long period) {
        return quota == Long.MAX_VALUE || period == Long.MAX_VALUE || quota <= 0 || period <= 0
                ? Double.POSITIVE_INFINITY
                : (double) quota / period;
    }

    /**
     * Folders of the groups that hold this process, from its own one up to the mounted root.
     *
     * @param controller of version 1, or "" for the one hierarchy of version 2
     */
    private Set<Path> groups(String controller) {
        Path own = ownGroup(controller);
        Set<Path> folders = new LinkedHashSet<>();
        for (Mount mount : mounts(controller)) {
            // A container may see its own group as the root of the mount, under a path that only the host knows.
            Path below = own.startsWith(mount.group) ? mount.group.relativize(own) : Path.of("");
            Path top = inRoot(mount.folder);
            for (Path folder = top.resolve(below).normalize();
                    folder != null && folder.startsWith(top);
                    folder = folder.getParent()) {
                folders.add(folder);
            }
        }
        return folders;
    }

    private Path ownGroup(String controller) {
        for (String line : lines(root.resolve("proc/self/cgroup"))) {
            String[] fields = line.split(":", 3); // number : controllers : path
            if (fields.length == 3
                    && (controller.isEmpty()
                            ? fields[1].isEmpty()
                            : List.of(fields[1].split(",")).contains(controller))) {
                return Path.of(fields[2]).normalize();
            }
        }
        return Path.of("/");
    }

    /** @param group the group that the mounted folder shows; @param folder where it is mounted */
    private record Mount(Path group, Path folder) {}

    private List<Mount> mounts(String controller) {
        List<Mount> found = new ArrayList<>();
        for (String line : lines(root.resolve("proc/self/mountinfo"))) {
            int separator = line.indexOf(" - ");
            String[] mount =
                    separator < 0 ? new String[0] : line.substring(0, separator).split(" ");
            String[] system = separator < 0
                    ? new String[0]
                    : line.substring(separator + 3).split(" ");
            if (mount.length < 5 || system.length < 3) {
                continue;
            }
            boolean matches = controller.isEmpty()
                    ? system[0].equals("cgroup2")
                    : system[0].equals("cgroup")
                            && List.of(system[2].split(",")).contains(controller);
            if (matches) {
                found.add(new Mount(Path.of(unescaped(mount[3])), Path.of(unescaped(mount[4]))));
            }
        }
        // Sandboxes and tests put the files here by other means than a mount of a control group.
        found.add(new Mount(Path.of("/"), controller.isEmpty() ? UNIFIED : UNIFIED.resolve(controller)));
        return found;
    }

    private Path inRoot(Path absolute) {
        return root.resolve(absolute.toString().substring(1)).normalize();
    }

    /** The kernel writes spaces in paths as octal numbers. */
    private static String unescaped(String path) {
        return path.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    private static long number(Path file) {
        List<String> lines = lines(file);
        return lines.isEmpty() ? Long.MAX_VALUE : parse(lines.get(0).strip());
    }

    /** The value of a line {@code NAME VALUE}. */
    private static long entry(Path file, String name, long otherwise) {
        return lines(file).stream()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .map(line -> parse(line.substring(name.length() + 1).strip()))
                .orElse(otherwise);
    }

    /** Unlimited for {@code max}, for -1, and for version 1's largest number of pages. */
    private static long parse(String number) {
        return number.matches("\\d{1,18}") ? Long.parseLong(number) : Long.MAX_VALUE;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException | RuntimeException e) {
            return List.of(); // another kernel or other rights: no limit is known
        }
    }
}
