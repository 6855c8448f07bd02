package io.diffusionad.backend.cuda;

import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.DeviceProvider;
import io.diffusionad.device.DeviceUnavailableException;
import jcuda.CudaException;
import jcuda.driver.JCudaDriver;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * NVIDIA cards, through the installed driver and the kernels that the build packed. JCuda is touched only when a driver
 * is there.
 */
public final class CudaDeviceProvider implements DeviceProvider {
    @Override
    public String kind() {
        return "cuda";
    }

    @Override
    public int preference() {
        return 10;
    }

    @Override
    public Optional<String> unavailabilityCause() {
        if (!KernelTable.isPresent()) {
            return Optional.of("this build has no CUDA kernels: install the CUDA toolkit (nvcc) and build again");
        }
        Optional<String> driver = DriverLibrary.unavailabilityCause();
        return driver.isPresent() ? driver : Probe.cause();
    }

    @Override
    public int count() {
        return Probe.deviceCount();
    }

    @Override
    public List<String> remarks() {
        return List.of(OptionalLibrary.CUBLAS.remark(), OptionalLibrary.CUDNN.remark());
    }

    /**
     * @throws DeviceUnavailableException for an index that does not exist, or when that card cannot run the kernels of
     *     this build
     */
    @Override
    public Device open(int index, DeviceOptions options) {
        unavailabilityCause().ifPresent(cause -> {
            throw new DeviceUnavailableException("device cuda is not available: " + cause);
        });
        int count = count();
        if (index < 0 || index >= count) {
            throw new DeviceUnavailableException("device cuda:" + index + " is not available: this machine has cuda:0"
                    + (count == 1 ? "" : " to cuda:" + (count - 1)));
        }
        return CudaDevice.open(index, options);
    }

    /**
     * What can be asked of a driver that is loaded; apart, so that the provider's own class refers to nothing of JCuda.
     */
    private static final class Probe {
        static Optional<String> cause() {
            try {
                int[] driver = new int[1];
                JCudaDriver.cuDriverGetVersion(driver);
                KernelTable table = KernelTable.load();
                if (driver[0] / 1000 < table.toolkitMajor()) {
                    return Optional.of("the NVIDIA driver supports CUDA " + driver[0] / 1000 + "."
                            + driver[0] % 1000 / 10 + ", the kernels of this build need CUDA " + table.toolkitMajor()
                            + ".0: update the driver");
                }
                if (deviceCount() == 0) {
                    return Optional.of(
                            "the NVIDIA driver sees no CUDA card: check nvidia-smi, and that CUDA_VISIBLE_DEVICES does not hide it");
                }
                return GpuProperties.unsupportedCause(
                        IntStream.range(0, deviceCount())
                                .mapToObj(GpuProperties::of)
                                .toList(),
                        table);
            } catch (CudaException e) {
                return Optional.of("the NVIDIA driver answers " + e.getMessage()
                        + " to a question about its cards: check that nvidia-smi works");
            }
        }

        static int deviceCount() {
            int[] count = new int[1];
            JCudaDriver.cuDeviceGetCount(count);
            return count[0];
        }
    }
}
