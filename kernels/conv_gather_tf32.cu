// Convolution forward and gradient by the input on float32 tensors with TF32 products (sm_80 on; 10-bit mantissas, float32 sums), for those
// who ask for speed over float32's last digits. See conv_gather_mma.cuh.
//
// Launch: as conv_gather_bf16.cu; reduction tile: 16 channels of one tap. weight is float32 with weightChannel = 1.
#include "conv_gather_mma.cuh"

extern "C" __global__ void __launch_bounds__(128, 2) conv_gather_tf32_128x128(ConvArguments a) {
    conv_gather_mma<float, float, 128, 128, 2, 2, 4>(a);
}

extern "C" __global__ void __launch_bounds__(128, 4) conv_gather_tf32_64x64(ConvArguments a) {
    conv_gather_mma<float, float, 64, 64, 2, 2, 4>(a);
}
