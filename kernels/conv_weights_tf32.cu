// Convolution gradient by the weight on float32 tensors with TF32 products (sm_80 on). The scheme of conv_weights_bf16.cu; ldmatrix cannot
// transpose 32-bit elements, so fragments are read one by one from rows padded by 8 floats, which spreads a fragment over all banks.
//
// Launch: grid (ceil(k / 64) * ceil(c / 64) * taps, splits), block 128, no dynamic shared memory. pixelsPerSplit: a multiple of 16.
// Limits: c and k multiples of 4; dy and x 16-byte aligned. Arguments: one ConvWeightsArguments.
#include "conv_arguments.cuh"

namespace {
constexpr int B = 64, PIXELS = 16, ROW = B + 8, STAGES = 2, THREADS = 128;
} // namespace

extern "C" __global__ void __launch_bounds__(THREADS, 4) conv_weights_tf32_64(ConvWeightsArguments a) {
    SHARED_ARRAY(float, tileDy, [STAGES][PIXELS][ROW]);
    SHARED_ARRAY(float, tileX, [STAGES][PIXELS][ROW]);
    const int lane = lane_index(), warpM = warp_index() % 2, warpN = warp_index() / 2;
    const int g = lane >> 2, t = lane & 3;
    const int32_t tilesC = ceil_div(a.c, B), tilesK = ceil_div(a.k, B);
    const int32_t c0 = int32_t(blockIdx.x) % tilesC * B;
    const int32_t k0 = int32_t(blockIdx.x) / tilesC % tilesK * B;
    const int32_t tap = int32_t(blockIdx.x) / (tilesC * tilesK);
    const int32_t r = tap / a.kernel, s = tap - r * a.kernel;
    const int32_t split = blockIdx.y;
    const int64_t pixels = int64_t(a.n) * a.p * a.q;
    const int64_t first = int64_t(split) * a.pixelsPerSplit;
    const int64_t end = first + a.pixelsPerSplit < pixels ? first + a.pixelsPerSplit : pixels;
    const int32_t count = int32_t((end - first + PIXELS - 1) / PIXELS);
    const float* dy = static_cast<const float*>(a.dy);
    const float* x = static_cast<const float*>(a.x);

    auto load = [&](int32_t step) {
        const int chunk = threadIdx.x % 16 * 4;
#pragma unroll
        for (int i = 0; i < PIXELS * 16 / THREADS; i++) {
            const int row = threadIdx.x / 16 + i * (THREADS / 16);
            const int64_t m = first + int64_t(step) * PIXELS + row;
            const bool valid = m < end;
            const bool validDy = valid && k0 + chunk < a.k;
            cp_async16(&tileDy[step & 1][row][chunk], validDy ? dy + m * a.k + k0 + chunk : dy, validDy);
            const int64_t offset = valid && c0 + chunk < a.c ? tap_offset(a, m, r, s) : -1;
            cp_async16(&tileX[step & 1][row][chunk], offset >= 0 ? x + offset + c0 + chunk : x, offset >= 0);
        }
        cp_async_commit();
    };

    float sums[2][4][4] = {};
    load(0);
    for (int32_t step = 0; step < count; step++) {
        cp_async_wait<0>();
        __syncthreads();
        if (step + 1 < count) {
            load(step + 1);
        }
        const float (*rowsDy)[ROW] = tileDy[step & 1];
        const float (*rowsX)[ROW] = tileX[step & 1];
#pragma unroll
        for (int kk = 0; kk < PIXELS; kk += 8) {
            uint32_t fragmentA[2][4], fragmentB[4][2];
#pragma unroll
            for (int i = 0; i < 2; i++) {
                const int k = warpM * 32 + i * 16 + g;
                fragmentA[i][0] = to_tf32(rowsDy[kk + t][k]);
                fragmentA[i][1] = to_tf32(rowsDy[kk + t][k + 8]);
                fragmentA[i][2] = to_tf32(rowsDy[kk + t + 4][k]);
                fragmentA[i][3] = to_tf32(rowsDy[kk + t + 4][k + 8]);
            }
#pragma unroll
            for (int j = 0; j < 4; j++) {
                const int c = warpN * 32 + j * 8 + g;
                fragmentB[j][0] = to_tf32(rowsX[kk + t][c]);
                fragmentB[j][1] = to_tf32(rowsX[kk + t + 4][c]);
            }
#pragma unroll
            for (int i = 0; i < 2; i++) {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    mma_m16n8k8_tf32(sums[i][j], fragmentA[i], fragmentB[j][0], fragmentB[j][1]);
                }
            }
        }
    }

#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                const int32_t k = k0 + warpM * 32 + i * 16 + g + e / 2 * 8;
                const int32_t c = c0 + warpN * 32 + j * 8 + t * 2 + e % 2;
                if (k < a.k && c < a.c) {
                    conv_weights_store(a, split, k, tap, c, sums[i][j][e]);
                }
            }
        }
    }
}
