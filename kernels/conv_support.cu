// What stands around the convolution kernels: adding up split reductions, the epilogue over a library's sums, copies of weights in the layout that a
// kernel wants, and comparing what two kernels wrote.
// One thread an element or four; sums in the order of the splits, so deterministic.
#include "conv_epilogue.cuh"

namespace {
template <class Output, class Part> DEVICE void conv_split_reduce(const ConvArguments& a) {
    const int64_t pixels = int64_t(a.n) * a.p * a.q;
    const int32_t quads = ceil_div(a.k, 4);
    for (int64_t i = global_index(); i < pixels * quads; i += global_stride()) {
        const int64_t m = i / quads;
        const int32_t k = int32_t(i - m * quads) * 4;
        float sum[4] = {0.f, 0.f, 0.f, 0.f};
        for (int32_t split = 0; split < a.splits; split++) {
            const Part* part = reinterpret_cast<const Part*>(a.partial) + (split * pixels + m) * a.k + k;
#pragma unroll
            for (int e = 0; e < 4; e++) {
                sum[e] += k + e < a.k ? to_float(part[e]) : 0.f;
            }
        }
        conv_store4<Output>(a, m, k, sum);
    }
}

constexpr int TILE = 32;
} // namespace

// Launch of both: any grid, block 256; the ConvArguments of the kernel that wrote `partial`.
extern "C" __global__ void __launch_bounds__(256) conv_split_reduce_f32(ConvArguments a) { conv_split_reduce<float, float>(a); }
extern "C" __global__ void __launch_bounds__(256) conv_split_reduce_bf16(ConvArguments a) { conv_split_reduce<bf16, float>(a); }

// One part that a library has rounded to bfloat16 already. Launch: the same.
extern "C" __global__ void __launch_bounds__(256) conv_finish_bf16(ConvArguments a) { conv_split_reduce<bf16, bf16>(a); }

// dw += sum over splits of partial. Launch: any grid, block 256.
extern "C" __global__ void __launch_bounds__(256) conv_weights_reduce(ConvWeightsArguments a) {
    const int32_t taps = a.kernel * a.kernel;
    const int64_t row = int64_t(taps) * a.c;
    const int64_t elements = a.k * row;
    for (int64_t i = global_index(); i < elements; i += global_stride()) {
        float sum = 0.f;
        for (int32_t split = 0; split < a.splits; split++) {
            sum += a.partial[split * elements + i];
        }
        const int64_t k = i / row;
        const int32_t flat = int32_t(i - k * row);
        const int32_t tap = flat / a.c;
        a.dw[k * a.dwRow + tap * a.dwTap + flat - tap * a.c] += sum;
    }
}

// packed (k, taps, c) bf16 = w (k, taps, cw) float32, channels offset … offset + c. Launch: any grid, block 256.
extern "C" __global__ void __launch_bounds__(256)
    conv_pack_forward_bf16(bf16* packed, const float* w, int32_t k, int32_t taps, int32_t c, int32_t cw, int32_t offset) {
    const int64_t elements = int64_t(k) * taps * c;
    for (int64_t i = global_index(); i < elements; i += global_stride()) {
        const int64_t row = i / c;
        packed[i] = from_float<bf16>(w[row * cw + offset + (i - row * c)]);
    }
}

// packed (c, taps, k) = w (k, taps, cw), channels offset … offset + c, the taps in reverse order: the weight of the gradient by the input.
// A 32x32 transpose through shared memory. Launch: grid (ceil(c / 32), ceil(k / 32), taps), block 256.
template <class T> DEVICE void conv_pack_backward(T* packed, const float* w, int32_t k, int32_t taps, int32_t c, int32_t cw, int32_t offset,
                                                  float (*tile)[TILE + 1]) {
    const int32_t tap = blockIdx.z;
    const int32_t c0 = int32_t(blockIdx.x) * TILE, k0 = int32_t(blockIdx.y) * TILE;
    const int column = threadIdx.x % TILE;
    for (int row = threadIdx.x / TILE; row < TILE; row += 256 / TILE) {
        const bool inside = k0 + row < k && c0 + column < c;
        tile[row][column] = inside ? w[(int64_t(k0 + row) * taps + taps - 1 - tap) * cw + offset + c0 + column] : 0.f;
    }
    __syncthreads();
    for (int row = threadIdx.x / TILE; row < TILE; row += 256 / TILE) {
        if (c0 + row < c && k0 + column < k) {
            packed[(int64_t(c0 + row) * taps + tap) * k + k0 + column] = from_float<T>(tile[column][row]);
        }
    }
}

extern "C" __global__ void __launch_bounds__(256)
    conv_pack_backward_bf16(bf16* packed, const float* w, int32_t k, int32_t taps, int32_t c, int32_t cw, int32_t offset) {
    SHARED_ARRAY(float, tile, [TILE][TILE + 1]);
    conv_pack_backward(packed, w, k, taps, c, cw, offset, tile);
}

extern "C" __global__ void __launch_bounds__(256)
    conv_pack_backward_f32(float* packed, const float* w, int32_t k, int32_t taps, int32_t c, int32_t cw, int32_t offset) {
    SHARED_ARRAY(float, tile, [TILE][TILE + 1]);
    conv_pack_backward(packed, w, k, taps, c, cw, offset, tile);
}

// difference[0] += how many elements of `actual` differ from those of `expected` in any bit; difference[1], difference[2] = the largest
// |actual - expected| among those, and the largest |expected| of all, and what they were: as the bits of a float32, which order as the numbers do and
// put infinity and NaN above all. Atomics on integers: the order does not matter. Launch: any grid, block 256.
template <class T> DEVICE void conv_compare(unsigned* difference, const T* expected, const T* actual, int64_t elements) {
    unsigned count = 0, distance = 0, magnitude = 0;
    for (int64_t i = global_index(); i < elements; i += global_stride()) {
        const float a = to_float(expected[i]), b = to_float(actual[i]);
        magnitude = max(magnitude, __float_as_uint(fabsf(a)));
        if (__float_as_uint(a) != __float_as_uint(b)) {
            count++;
            distance = max(distance, __float_as_uint(fabsf(b - a)));
        }
    }
    if (count > 0) {
        atomicAdd(difference, count);
        atomicMax(difference + 1, distance);
    }
    if (magnitude > 0) {
        atomicMax(difference + 2, magnitude);
    }
}

extern "C" __global__ void __launch_bounds__(256) conv_compare_f32(unsigned* difference, const float* expected, const float* actual, int64_t elements) {
    conv_compare(difference, expected, actual, elements);
}

extern "C" __global__ void __launch_bounds__(256) conv_compare_bf16(unsigned* difference, const bf16* expected, const bf16* actual, int64_t elements) {
    conv_compare(difference, expected, actual, elements);
}
