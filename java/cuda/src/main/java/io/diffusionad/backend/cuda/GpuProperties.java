package io.diffusionad.backend.cuda;

import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

/**
 * What the engine wants to know of a card.
 *
 * @param capability compute capability as ten times major plus minor: 90 for 9.0
 * @param sharedMemory the most that one block may ask for, in bytes
 * @param memory total device memory in bytes
 */
record GpuProperties(String name, int capability, int multiprocessors, int sharedMemory, long memory) {
    static GpuProperties of(int index) {
        CUdevice device = new CUdevice();
        JCudaDriver.cuDeviceGet(device, index);
        byte[] name = new byte[256];
        JCudaDriver.cuDeviceGetName(name, name.length, device);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        long[] memory = new long[1];
        JCudaDriver.cuDeviceTotalMem(memory, device);
        return new GpuProperties(
                new String(name, 0, length, StandardCharsets.UTF_8),
                10 * attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                        + attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
                attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
                memory[0]);
    }

    /** bfloat16 and TF32 matrix instructions exist from compute capability 8.0 on. */
    boolean hasTensorCores() {
        return capability >= 80;
    }

    /** Why the kernels of this build cannot run on this card, if they cannot. */
    Optional<String> unsupportedCause(KernelTable table) {
        if (capability >= table.oldestArchitecture()) {
            return Optional.empty();
        }
        return Optional.of(name + " has compute capability " + capability / 10 + "." + capability % 10
                + ", the kernels of this build need " + table.oldestArchitecture() / 10 + "."
                + table.oldestArchitecture() % 10 + " or later: use --device cpu");
    }

    /**
     * Why none of a machine's cards can run the kernels of this build, if none can: a card too old may drive the screen
     * beside one that computes.
     */
    static Optional<String> unsupportedCause(List<GpuProperties> cards, KernelTable table) {
        List<Optional<String>> causes =
                cards.stream().map(card -> card.unsupportedCause(table)).toList();
        return causes.stream().allMatch(Optional::isPresent) ? causes.get(0) : Optional.empty();
    }

    private static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device);
        return value[0];
    }
}
