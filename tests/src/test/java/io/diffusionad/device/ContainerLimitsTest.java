package io.diffusionad.device;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Trees of files as kernels lay them out, made small. */
class ContainerLimitsTest {
    private static final String V2_MOUNT = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
    private static final String V1_MEMORY =
            "36 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory";
    private static final String V1_CPU =
            "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct";

    @TempDir
    Path root;

    @Test
    void aMachineWithoutControlGroups() {
        assertEquals(OptionalLong.empty(), limits().availableMemory());
        assertEquals(OptionalDouble.empty(), limits().processorQuota());
        assertEquals(7, limits().processors(7));
    }

    @Test
    void fileCacheCountsAsAvailable() throws IOException {
        process("0::/app", V2_MOUNT);
        group(
                "sys/fs/cgroup/app",
                "memory.max",
                "8589934592",
                "memory.high",
                "max",
                "memory.current",
                "8540000000",
                "memory.stat",
                "anon 400000000\nfile 8050000000\ninactive_file 7000000000\nactive_file 900000000");
        assertEquals(OptionalLong.of(8589934592L - 640000000L), limits().availableMemory());
    }

    @Test
    void theTightestOfNestedGroupsCounts() throws IOException {
        process("0::/pod/app", V2_MOUNT);
        group(
                "sys/fs/cgroup/pod",
                "memory.max",
                "1000",
                "memory.current",
                "700",
                "memory.stat",
                "inactive_file 100",
                "cpu.max",
                "150000 100000");
        group("sys/fs/cgroup/pod/app", "memory.max", "5000", "memory.current", "600", "cpu.max", "max 100000");
        assertEquals(OptionalLong.of(400), limits().availableMemory());
        assertEquals(OptionalDouble.of(1.5), limits().processorQuota());
        assertEquals(2, limits().processors(8));
        assertEquals(1, limits().processors(1));
    }

    /** Above it the kernel slows a group down until it hardly runs. */
    @Test
    void theHighMarkIsALimit() throws IOException {
        process("0::/", V2_MOUNT);
        group("sys/fs/cgroup", "memory.max", "max", "memory.high", "900", "memory.current", "300");
        assertEquals(OptionalLong.of(600), limits().availableMemory());
    }

    @Test
    void usageBeyondTheLimitLeavesNothing() throws IOException {
        process("0::/", V2_MOUNT);
        group("sys/fs/cgroup", "memory.max", "500", "memory.current", "800");
        assertEquals(OptionalLong.of(0), limits().availableMemory());
    }

    @Test
    void versionOneWithItsOwnNames() throws IOException {
        process("4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/", V1_MEMORY + "\n" + V1_CPU);
        group(
                "sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                "9223372036854771712",
                "memory.usage_in_bytes",
                "123456");
        group(
                "sys/fs/cgroup/memory/docker/abc",
                "memory.limit_in_bytes",
                "2000",
                "memory.usage_in_bytes",
                "1500",
                "memory.stat",
                "inactive_file 1\ntotal_inactive_file 300\ntotal_active_file 200");
        group("sys/fs/cgroup/cpu,cpuacct/docker", "cpu.cfs_quota_us", "50000", "cpu.cfs_period_us", "100000");
        group("sys/fs/cgroup/cpu,cpuacct/docker/abc", "cpu.cfs_quota_us", "-1", "cpu.cfs_period_us", "100000");
        assertEquals(OptionalLong.of(1000), limits().availableMemory());
        assertEquals(OptionalDouble.of(0.5), limits().processorQuota());
        assertEquals(1, limits().processors(8));
    }

    @Test
    void versionOneTellsOfLimitsThatTheContainerDoesNotShow() throws IOException {
        process("4:memory:/docker/abc", "36 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory");
        group(
                "sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                "9223372036854771712",
                "memory.usage_in_bytes",
                "700",
                "memory.stat",
                "hierarchical_memory_limit 1000\ntotal_inactive_file 100\ntotal_active_file 0");
        assertEquals(OptionalLong.of(400), limits().availableMemory());
    }

    /** In a container the process's path is the host's, while the mount shows its own group as the root. */
    @Test
    void aPathThatOnlyTheHostKnows() throws IOException {
        process("0::/../../other", V2_MOUNT);
        group("sys/fs/cgroup", "memory.max", "1000", "memory.current", "400", "cpu.max", "300000 100000");
        assertEquals(OptionalLong.of(600), limits().availableMemory());
        assertEquals(OptionalDouble.of(3), limits().processorQuota());
    }

    @Test
    void filesWithoutAMountAreSeen() throws IOException {
        group("sys/fs/cgroup", "memory.max", "1000", "memory.current", "100");
        assertEquals(OptionalLong.of(900), limits().availableMemory());
    }

    @Test
    void nonsenseIsNoLimit() throws IOException {
        process("garbage\n::\n0::/", "also garbage\n - \n" + V2_MOUNT);
        group("sys/fs/cgroup", "memory.max", "many", "memory.current", "", "cpu.max", "0 0");
        assertEquals(OptionalLong.empty(), limits().availableMemory());
        assertEquals(OptionalDouble.empty(), limits().processorQuota());
    }

    @Test
    void thisProcessHasSomethingLeft() {
        assertTrue(ContainerLimits.ofThisProcess().availableMemory().orElse(1) > 0);
        assertTrue(ContainerLimits.ofThisProcess().processors(4) >= 1);
    }

    private ContainerLimits limits() {
        return new ContainerLimits(root);
    }

    private void process(String groups, String mounts) throws IOException {
        group("proc/self", "cgroup", groups, "mountinfo", "22 1 0:21 / / rw - ext4 /dev/sda rw\n" + mounts);
    }

    private void group(String folder, String... namesAndContents) throws IOException {
        Path path = Files.createDirectories(root.resolve(folder));
        for (int i = 0; i < namesAndContents.length; i += 2) {
            Files.writeString(path.resolve(namesAndContents[i]), namesAndContents[i + 1] + "\n");
        }
    }
}
