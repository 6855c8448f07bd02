package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceUnavailableException;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;

import java.io.IOException;
import java.util.Optional;

/**
 * Matrix products by cuBLAS, an optional provider of 1x1 convolutions ({@code --providers cublas}). The engine never needs it. Its results are not
 * promised to be the same bits for every batch size and card, as our own kernels' are.
 */
final class CublasProducts implements AutoCloseable {
    private static final String FILE = "libcublas.so.12";
    private static final int CUBLAS_GEMM_DEFAULT = -1;

    private final cublasHandle handle = new cublasHandle();
    private final Pointer one = Pointer.to(new float[] {1});
    private final Pointer zero = Pointer.to(new float[] {0});
    private final boolean tf32;

    private CublasProducts(CUstream stream, boolean tf32) {
        this.tf32 = tf32;
        JCublas2.setExceptionsEnabled(true);
        JCublas2.cublasCreate(handle);
        JCublas2.cublasSetStream(handle, new cudaStream_t(stream));
    }

    /**
     * What {@code --providers} asks for.
     *
     * @param providers {@code own}, {@code cublas}, or {@code auto}: cuBLAS where it is installed
     * @return empty for our own kernels alone
     * @throws DeviceUnavailableException when a library is asked for by name and cannot be had, with the reason
     */
    static Optional<CublasProducts> forProviders(String providers, CUstream stream, boolean tf32) {
        Optional<String> cause = switch (providers) {
            case "own" -> Optional.of("not asked for");
            case "cublas", "auto" -> unavailabilityCause();
            case "cudnn" -> throw new DeviceUnavailableException(
                    "--providers cudnn: this engine has no cuDNN convolutions, since none could be tried on a card: use own, cublas or auto");
            default -> throw new DeviceUnavailableException("there is no provider '" + providers + "': use own, cublas or auto");
        };
        if (cause.isEmpty()) {
            return Optional.of(new CublasProducts(stream, tf32));
        }
        if (providers.equals("cublas")) {
            throw new DeviceUnavailableException("--providers cublas: " + cause.get());
        }
        return Optional.empty();
    }

    private static Optional<String> unavailabilityCause() {
        if (!SharedLibraries.isInstalled(FILE)) {
            return Optional.of(FILE + " is not installed: install cuBLAS of CUDA 12 or use --providers own");
        }
        try {
            SharedLibraries.bind("jcuda.jcublas.JCublas2");
            return Optional.empty();
        } catch (IOException | LinkageError e) {
            return Optional.of("JCublas cannot be bound to " + FILE + ": " + DriverLibrary.firstLine(e));
        }
    }

    /**
     * {@code sums (rows, k) = input (rows, c) · weightᵀ}, all row-major, sums in float32.
     *
     * @param weightRow elements from one of the k rows of the weight to the next
     * @throws CudaException with cuBLAS's status
     */
    void multiply(long sums, long input, long weight, long weightRow, long rows, int k, int c, boolean bfloat16) {
        int type = bfloat16 ? cudaDataType.CUDA_R_16BF : cudaDataType.CUDA_R_32F;
        int compute = tf32 && !bfloat16 ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32 : cublasComputeType.CUBLAS_COMPUTE_32F;
        // cuBLAS counts columns first, so every row-major matrix is its own transpose: sumsᵀ (k, rows) = weight (k, c) · inputᵀ (c, rows).
        JCublas2.cublasGemmEx_new(handle, cublasOperation.CUBLAS_OP_T, cublasOperation.CUBLAS_OP_N, k, Math.toIntExact(rows), c, one,
                DevicePointer.of(weight), type, Math.toIntExact(weightRow), DevicePointer.of(input), type, c, zero,
                DevicePointer.of(sums), cudaDataType.CUDA_R_32F, k, compute, CUBLAS_GEMM_DEFAULT);
    }

    @Override
    public void close() {
        JCublas2.cublasDestroy(handle);
    }
}
