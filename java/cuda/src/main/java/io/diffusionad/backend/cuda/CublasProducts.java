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

/**
 * Matrix products by cuBLAS, for 1x1 convolutions. Its results are not promised to be the same bits for every batch
 * size and card, as our own kernels' are.
 */
final class CublasProducts implements AutoCloseable {
    private static final int CUBLAS_GEMM_DEFAULT = -1;

    private final cublasHandle handle = new cublasHandle();
    private final Pointer one = Pointer.to(new float[] {1});
    private final Pointer zero = Pointer.to(new float[] {0});
    private final boolean tf32;
    private final String name;

    private CublasProducts(CUstream stream, boolean tf32) {
        this.tf32 = tf32;
        JCublas2.setExceptionsEnabled(true);
        JCublas2.cublasCreate(handle);
        JCublas2.cublasSetStream(handle, new cudaStream_t(stream));
        int[] version = new int[1];
        JCublas2.cublasGetVersion(handle, version);
        name = "cublas" + version[0];
    }

    /** @throws DeviceUnavailableException with the reason, when cuBLAS is not installed or does not work */
    static CublasProducts open(CUstream stream, boolean tf32) {
        OptionalLibrary.CUBLAS.bind();
        try {
            return new CublasProducts(stream, tf32);
        } catch (CudaException e) {
            throw OptionalLibrary.CUBLAS.refusal(e);
        }
    }

    /** With the version: what was measured with one says nothing about another. */
    String name() {
        return name;
    }

    /**
     * {@code sums (rows, k) = input (rows, c) · weightᵀ}, all row-major, sums in float32.
     *
     * @param weightRow elements from one of the k rows of the weight to the next
     * @throws CudaException with cuBLAS's status
     */
    void multiply(long sums, long input, long weight, long weightRow, long rows, int k, int c, boolean bfloat16) {
        int type = bfloat16 ? cudaDataType.CUDA_R_16BF : cudaDataType.CUDA_R_32F;
        int compute = tf32 && !bfloat16
                ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                : cublasComputeType.CUBLAS_COMPUTE_32F;
        // cuBLAS counts columns first, so every row-major matrix is its own transpose: sumsᵀ (k, rows) = weight (k, c)
        // · inputᵀ (c, rows).
        JCublas2.cublasGemmEx_new(
                handle,
                cublasOperation.CUBLAS_OP_T,
                cublasOperation.CUBLAS_OP_N,
                k,
                Math.toIntExact(rows),
                c,
                one,
                DevicePointer.of(weight),
                type,
                Math.toIntExact(weightRow),
                DevicePointer.of(input),
                type,
                c,
                zero,
                DevicePointer.of(sums),
                cudaDataType.CUDA_R_32F,
                k,
                compute,
                CUBLAS_GEMM_DEFAULT);
    }

    @Override
    public void close() {
        JCublas2.cublasDestroy(handle);
    }
}
