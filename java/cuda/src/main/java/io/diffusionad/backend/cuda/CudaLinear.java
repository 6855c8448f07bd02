package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.Tensor;

import static io.diffusionad.backend.cuda.ConvolutionKernel.ceilDiv;

/** The small float32 layers of the time embedding ({@code kernels/linear.cu}). */
final class CudaLinear {
    private static final int ROWS = 8;
    private static final int OUTPUTS_A_BLOCK = 4;
    private static final int COLUMNS_A_BLOCK = 32;

    private final Launch launch;

    CudaLinear(Launch launch) {
        this.launch = launch;
    }

    void forward(Tensor y, Tensor x, Tensor w, Tensor bias) {
        int n = y.dim(0);
        int k = w.dim(0);
        int c = w.dim(1);
        launch.kernel("linear_forward_f32")
                .pointer(y)
                .pointer(x)
                .pointer(w)
                .pointer(bias)
                .i32(n, c, k)
                .grid(ceilDiv(k, OUTPUTS_A_BLOCK), ceilDiv(n, ROWS), 1, 128, 0);
    }

    void backwardData(Tensor dx, Tensor dy, Tensor w, boolean accumulate) {
        int n = dx.dim(0);
        int k = w.dim(0);
        int c = w.dim(1);
        launch.kernel("linear_backward_data_f32")
                .pointer(dx)
                .pointer(dy)
                .pointer(w)
                .i32(n, c, k)
                .i32(accumulate)
                .grid(ceilDiv(c, COLUMNS_A_BLOCK), ceilDiv(n, ROWS), 1, 256, 0);
    }

    void backwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x) {
        launch.kernel("linear_backward_weights_f32")
                .pointer(dw)
                .pointer(dbias)
                .pointer(dy)
                .pointer(x)
                .i32(dy.dim(0), dw.dim(1), dw.dim(0))
                .over(dw.elements(), 256);
    }
}
