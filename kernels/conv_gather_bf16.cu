// Convolution forward and gradient by the input in bf16 on tensor cores (sm_80 on), accumulated in float32. See conv_gather_mma.cuh.
//
// Launch: grid (ceil(n*p*q / BM), ceil(k / BN), splits), block WARPS*32, dynamic shared memory 4 * (BM + BN) * 64 bytes; kernel names
// end in BMxBN. Reduction tile: 32 channels of one tap. Arguments: one ConvArguments; weight is the packed bf16 copy.
#include "conv_gather_mma.cuh"

extern "C" __global__ void __launch_bounds__(256, 1) conv_gather_bf16_256x128(ConvArguments a) {
    conv_gather_mma<bf16, bf16, 256, 128, 4, 2, 4>(a);
}

extern "C" __global__ void __launch_bounds__(128, 2) conv_gather_bf16_128x128(ConvArguments a) {
    conv_gather_mma<bf16, bf16, 128, 128, 2, 2, 4>(a);
}

extern "C" __global__ void __launch_bounds__(128, 3) conv_gather_bf16_128x64(ConvArguments a) {
    conv_gather_mma<bf16, bf16, 128, 64, 2, 2, 4>(a);
}

extern "C" __global__ void __launch_bounds__(128, 4) conv_gather_bf16_64x64(ConvArguments a) {
    conv_gather_mma<bf16, bf16, 64, 64, 2, 2, 4>(a);
}

// A network's last layer, and the gradient by a network's input: few output channels, float32.
extern "C" __global__ void __launch_bounds__(128, 4) conv_gather_bf16_to_f32_128x16(ConvArguments a) {
    conv_gather_mma<bf16, float, 128, 16, 4, 1, 4>(a);
}
