// The small float32 layers of the time embedding, and sums over pixels.
//   forward        y[n][k] = bias[k] + sum_c x[n][c] * w[k][c]
//   backward data  dx[n][c] (+)= sum_k dy[n][k] * w[k][c]
//   backward       dw[k][c] += sum_n dy[n][k] * x[n][c],  dbias[k] += sum_n dy[n][k]
//   channel sums   sums[n][k] = sum over pixels of y[n][pixel][k], in two stages
// A handful of rows against a large w: the kernels read w once, eight rows at a time. All sums have a fixed order: deterministic.
#include "common/device.cuh"

namespace {
constexpr int ROWS = 8; // samples that a thread carries at once
}

// A warp an output column. Launch: grid (ceil(K / 4), ceil(N / 8)), block 128.
extern "C" __global__ void __launch_bounds__(128) linear_forward_f32(float* y, const float* x, const float* w, const float* bias, int32_t N, int32_t C, int32_t K) {
    const int32_t k = int32_t(blockIdx.x) * 4 + warp_index();
    const int32_t n0 = int32_t(blockIdx.y) * ROWS;
    float sums[ROWS] = {};
    if (k < K) {
        for (int32_t c = lane_index(); c < C; c += kWarpSize) {
            const float weight = w[int64_t(k) * C + c];
#pragma unroll
            for (int i = 0; i < ROWS; i++) {
                sums[i] = fmaf(n0 + i < N ? x[int64_t(n0 + i) * C + c] : 0.f, weight, sums[i]);
            }
        }
    }
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
        const float sum = warp_sum(sums[i]);
        if (k < K && n0 + i < N && lane_index() == 0) {
            y[int64_t(n0 + i) * K + k] = sum + (bias != nullptr ? bias[k] : 0.f);
        }
    }
}

// 32 columns a block; its 8 warps take every eighth k. Launch: grid (ceil(C / 32), ceil(N / 8)), block 256.
extern "C" __global__ void __launch_bounds__(256)
    linear_backward_data_f32(float* dx, const float* dy, const float* w, int32_t N, int32_t C, int32_t K, int32_t accumulate) {
    SHARED_ARRAY(float, partial, [8][ROWS][kWarpSize]);
    const int32_t c = int32_t(blockIdx.x) * kWarpSize + lane_index();
    const int32_t n0 = int32_t(blockIdx.y) * ROWS;
    float sums[ROWS] = {};
    for (int32_t k = warp_index(); k < K; k += 8) {
        const float weight = c < C ? w[int64_t(k) * C + c] : 0.f;
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
            sums[i] = fmaf(n0 + i < N ? dy[int64_t(n0 + i) * K + k] : 0.f, weight, sums[i]);
        }
    }
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
        partial[warp_index()][i][lane_index()] = sums[i];
    }
    __syncthreads();
    // Warp i finishes row i.
    const int32_t n = n0 + warp_index();
    if (n < N && c < C) {
        float sum = accumulate ? dx[int64_t(n) * C + c] : 0.f;
        for (int warp = 0; warp < 8; warp++) {
            sum += partial[warp][warp_index()][lane_index()];
        }
        dx[int64_t(n) * C + c] = sum;
    }
}

// A thread an element of dw; the first column's threads also sum dbias (may be null). Launch: any grid, block 256.
extern "C" __global__ void __launch_bounds__(256)
    linear_backward_weights_f32(float* dw, float* dbias, const float* dy, const float* x, int32_t N, int32_t C, int32_t K) {
    for (int64_t i = global_index(); i < int64_t(K) * C; i += global_stride()) {
        const int32_t k = int32_t(i / C);
        const int32_t c = int32_t(i - int64_t(k) * C);
        float sum = 0.f;
        float biasSum = 0.f;
        for (int32_t n = 0; n < N; n++) {
            const float gradient = dy[int64_t(n) * K + k];
            sum = fmaf(gradient, x[int64_t(n) * C + c], sum);
            biasSum += gradient;
        }
        dw[i] += sum;
        if (c == 0 && dbias != nullptr) {
            dbias[k] += biasSum;
        }
    }
}

// First stage: block (channel tile, chunk of pixels, sample) sums its pixels of 32 channels, 8 rows of threads taking every eighth pixel.
template <class T> DEVICE void channel_sums(float* partial, const T* y, int64_t pixels, int32_t K, int32_t pixelsPerChunk, float (*shared)[kWarpSize]) {
    const int32_t k = int32_t(blockIdx.x) * kWarpSize + lane_index();
    const int64_t first = int64_t(blockIdx.y) * pixelsPerChunk;
    const int64_t end = first + pixelsPerChunk < pixels ? first + pixelsPerChunk : pixels;
    float sum = 0.f;
    if (k < K) {
        const T* sample = y + int64_t(blockIdx.z) * pixels * K + k;
        for (int64_t pixel = first + warp_index(); pixel < end; pixel += 8) {
            sum += to_float(sample[pixel * K]);
        }
    }
    shared[warp_index()][lane_index()] = sum;
    __syncthreads();
    if (warp_index() == 0 && k < K) {
        for (int warp = 1; warp < 8; warp++) {
            sum += shared[warp][lane_index()];
        }
        partial[(int64_t(blockIdx.z) * gridDim.y + blockIdx.y) * K + k] = sum;
    }
}

// partial (N, chunks, K). Launch: grid (ceil(K / 32), chunks = ceil(pixels / pixelsPerChunk), N), block 256.
extern "C" __global__ void __launch_bounds__(256) channel_sums_f32(float* partial, const float* y, int64_t pixels, int32_t K, int32_t pixelsPerChunk) {
    SHARED_ARRAY(float, shared, [8][kWarpSize]);
    channel_sums(partial, y, pixels, K, pixelsPerChunk, shared);
}

extern "C" __global__ void __launch_bounds__(256) channel_sums_bf16(float* partial, const bf16* y, int64_t pixels, int32_t K, int32_t pixelsPerChunk) {
    SHARED_ARRAY(float, shared, [8][kWarpSize]);
    channel_sums(partial, y, pixels, K, pixelsPerChunk, shared);
}

// Second stage: sums[n][k] (+)= sum over chunks of partial[n][chunk][k]. For a sum over the samples too, pass N = 1 and N * chunks.
// Launch: any grid, block 128.
extern "C" __global__ void __launch_bounds__(128) channel_sums_finish(float* sums, const float* partial, int32_t N, int32_t chunks, int32_t K, int32_t accumulate) {
    for (int64_t i = global_index(); i < int64_t(N) * K; i += global_stride()) {
        const int64_t n = i / K;
        float sum = 0.f;
        for (int32_t chunk = 0; chunk < chunks; chunk++) {
            sum += partial[(n * chunks + chunk) * K + (i - n * K)];
        }
        sums[i] = accumulate ? sums[i] + sum : sum;
    }
}
