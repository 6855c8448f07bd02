package io.diffusionad.backend.cuda;

import jcuda.CudaException;
import jcuda.driver.CUresult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Describes bfloat16 tensors to the copy engine of Hopper cards, for {@code kernels/conv_*_wgmma.cu}: where a tensor
 * lies, and the box of it that one load brings to shared memory, in rows of 128 bytes swizzled by 128 bytes, zeros
 * where the box leaves the tensor. JCuda does not bind {@code cuTensorMapEncodeTiled}; a small library of ours calls it
 * in the driver that is loaded. Not thread-safe: maps are encoded in place.
 */
final class TensorMaps {
    private static final Logger LOG = LoggerFactory.getLogger(TensorMaps.class);
    /** {@code off} keeps the engine from the kernels that need tensor maps. */
    static final String PROPERTY = "diffusionad.cuda.wgmma";

    private static final String LIBRARY = "libdiffusionad_cuda.so";
    private static final int BYTES = 128;
    private static final int HOPPER = 90;
    private static final String ARCHITECTURE = "sm_90a";

    /** A driver writes to addresses that are multiples of 64, of 128 by newer headers. */
    private final ByteBuffer memory = ByteBuffer.allocateDirect(4 * BYTES).alignedSlice(BYTES);

    private final ByteBuffer images = memory.slice(0, BYTES);
    private final ByteBuffer weight = memory.slice(BYTES, BYTES);

    private TensorMaps() {}

    /**
     * Empty where the kernels cannot run: on cards of another compute capability than 9.0, or where the build was not
     * for it. A Hopper card whose kernels are left out for any other reason is told of in one line of the log.
     */
    static Optional<TensorMaps> forCard(GpuProperties gpu, KernelTable table) {
        boolean compiled = Stream.of(ConvolutionKernel.BF16_WGMMA, WeightsKernel.BF16_WGMMA)
                .flatMap(List::stream)
                .allMatch(kernel -> table.holds(kernel.name(), ARCHITECTURE));
        if (gpu.capability() != HOPPER
                || !compiled
                || System.getProperty(PROPERTY, "on").equals("off")) {
            return Optional.empty();
        }
        try {
            SharedLibraries.loadPacked(LIBRARY);
            if (isBound()) {
                return Optional.of(new TensorMaps());
            }
            LOG.warn("convolutions do without wgmma: the NVIDIA driver has no cuTensorMapEncodeTiled, update it");
        } catch (IOException | LinkageError e) {
            LOG.warn("convolutions do without wgmma: {} cannot be loaded ({})", LIBRARY, SharedLibraries.reason(e));
        }
        return Optional.empty();
    }

    /**
     * The map of (n, h, w, c) images: boxes of 64 channels of {@code box}'s pixels, {@code stride} pixels apart.
     *
     * @return 128 bytes, valid until the next call
     * @throws CudaException with the driver's status
     */
    ByteBuffer images(int n, int h, int w, int c, PixelBox box, int stride, long address) {
        long pixel = 2L * c;
        return encode(
                images,
                address,
                new long[] {c, w, h, n},
                new long[] {pixel, pixel * w, pixel * w * h},
                new int[] {ConvolutionKernel.WGMMA_CHANNELS, box.width() * stride, box.height() * stride, box.samples()
                },
                new int[] {1, stride, stride, 1});
    }

    /**
     * The map of a packed (k, taps, c) weight: boxes of 64 channels of one tap of {@code rows} output channels. See
     * {@link #images}.
     */
    ByteBuffer weight(GatherProblem problem, int rows, long address) {
        long tap = 2L * problem.c();
        return encode(
                weight,
                address,
                new long[] {problem.c(), problem.taps(), problem.k()},
                new long[] {tap, tap * problem.taps()},
                new int[] {ConvolutionKernel.WGMMA_CHANNELS, 1, rows},
                new int[] {1, 1, 1});
    }

    private static ByteBuffer encode(
            ByteBuffer map, long address, long[] sizes, long[] strides, int[] box, int[] steps) {
        int status = encodeTiled(map, address, sizes, strides, box, steps);
        if (status != CUresult.CUDA_SUCCESS) {
            throw new CudaException("cuTensorMapEncodeTiled: " + CUresult.stringFor(status));
        }
        return map.duplicate();
    }

    /** Whether the loaded driver has the function. */
    private static native boolean isBound();

    /**
     * Strides in bytes, without the first; sizes, box and steps from the innermost dimension outwards. Returns the
     * driver's status.
     */
    private static native int encodeTiled(
            ByteBuffer map, long address, long[] sizes, long[] strides, int[] box, int[] steps);
}
