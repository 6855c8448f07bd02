package io.diffusionad.backend.cuda;

import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.tensor.Tensor;

/** Losses with their gradients ({@code kernels/loss.cu}), summed in two deterministic stages. */
final class CudaLoss {
    private static final int BLOCK = 256;
    private static final int ELEMENTS_A_SLICE = 4096;
    private static final int MOST_SLICES = 256;

    private final Launch launch;
    private final ScratchMemory scratch;

    CudaLoss(Launch launch, ScratchMemory scratch) {
        this.launch = launch;
        this.scratch = scratch;
    }

    void squaredError(Tensor losses, Tensor deps, Tensor eps, Tensor noise, Tensor weight, boolean accumulate) {
        int n = eps.dim(0);
        long perSample = eps.elements() / n;
        int slices = slices(perSample);
        long partial = scratch.atLeast((long) n * slices * Float.BYTES);
        launch.kernel("squared_error_partial")
                .pointer(partial)
                .pointer(deps)
                .pointer(eps)
                .pointer(noise)
                .pointer(weight)
                .i64(perSample)
                .i32(accumulate)
                .grid(slices, n, 1, BLOCK, 0);
        launch.kernel("squared_error_finish")
                .pointer(losses)
                .pointer(partial)
                .i32(n, slices)
                .i64(perSample)
                .over(n, 128);
    }

    void segmentation(Tensor losses, Tensor dpred, Tensor pred, Tensor mask, SegmentationLoss settings) {
        long elements = pred.elements();
        int slices = slices(elements);
        long partial = scratch.atLeast(2L * slices * Float.BYTES);
        launch.kernel("segmentation_loss_partial")
                .pointer(partial)
                .pointer(dpred)
                .pointer(pred)
                .pointer(mask)
                .f32(settings.alpha(), settings.gamma(), settings.focalWeight(), settings.smoothWeight())
                .i64(elements)
                .grid(slices, 1, 1, BLOCK, 0);
        launch.kernel("segmentation_loss_finish")
                .pointer(losses)
                .pointer(partial)
                .i32(slices)
                .i64(elements)
                .grid(1, 1, 1, 32, 0);
    }

    private static int slices(long elements) {
        return (int) Math.max(1, Math.min(MOST_SLICES, elements / ELEMENTS_A_SLICE));
    }
}
