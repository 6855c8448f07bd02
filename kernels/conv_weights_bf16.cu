// Convolution gradient by the weight in bf16 on tensor cores (sm_80 on), accumulated in float32. Formula in conv_arguments.cuh.
//
// For every tap a GEMM: M = output channels k, N = input channels c, reduction over all output pixels. Both operands lie pixel-major, so
// their tiles (32 pixels x channels) are read from shared memory by transposing ldmatrix. Rows are one or two 128-byte lines whose 16-byte
// chunks are swizzled by the row. The pixels are split over blocks; splits are summed in order by conv_weights_reduce. Deterministic, and
// the same bits for both tile shapes.
//
// Launch: grid (ceil(k / B) * ceil(c / B) * taps, splits), block 128, dynamic shared memory 4 * 2 * 32 * B * 2 bytes, B the number in the
// name. pixelsPerSplit: a multiple of 16. Limits: c and k multiples of 8; dy and x 16-byte aligned. Arguments: one ConvWeightsArguments.
#include "conv_arguments.cuh"

namespace {
template <int B> struct ConvWeightsBf16 {
    static constexpr int THREADS = 128, STAGES = 4, PIXELS = 32;
    static constexpr int CHUNKS = B / 8; // 16-byte chunks a row
    static constexpr int TILE_BYTES = PIXELS * B * 2, STAGE_BYTES = 2 * TILE_BYTES;
    static constexpr int COPIES = PIXELS * CHUNKS / THREADS, ROWS_A_PASS = THREADS / CHUNKS;
    static constexpr int W = B / 2; // a warp's tile: W x W, two by two warps
    static constexpr int FRAGMENTS_M = W / 16, FRAGMENTS_N = W / 8;

    DEVICE static int swizzled(int row, int chunk) { return row * (B * 2) + ((chunk ^ (row & 7)) << 4); }

    const ConvWeightsArguments& a;
    unsigned char* shared;
    int32_t k0, c0, tap, r, s;

    DEVICE ConvWeightsBf16(const ConvWeightsArguments& arguments, unsigned char* memory) : a(arguments), shared(memory) {
        const int32_t tilesC = ceil_div(a.c, B);
        const int32_t tilesK = ceil_div(a.k, B);
        const int32_t tile = blockIdx.x;
        c0 = tile % tilesC * B;
        k0 = tile / tilesC % tilesK * B;
        tap = tile / (tilesC * tilesK);
        r = tap / a.kernel;
        s = tap - r * a.kernel;
    }

    DEVICE void load(int stage, int64_t firstPixel, int64_t endPixel) {
        unsigned char* tileDy = shared + stage * STAGE_BYTES;
        unsigned char* tileX = tileDy + TILE_BYTES;
        const bf16* dy = static_cast<const bf16*>(a.dy);
        const bf16* x = static_cast<const bf16*>(a.x);
        const int chunk = threadIdx.x % CHUNKS;
        const int32_t k = k0 + chunk * 8;
        const int32_t c = c0 + chunk * 8;
#pragma unroll
        for (int i = 0; i < COPIES; i++) {
            const int row = threadIdx.x / CHUNKS + i * ROWS_A_PASS;
            const int64_t m = firstPixel + row;
            const bool valid = m < endPixel;
            const bool validDy = valid && k < a.k;
            cp_async16(tileDy + swizzled(row, chunk), validDy ? dy + m * a.k + k : dy, validDy);
            const int64_t offset = valid && c < a.c ? tap_offset(a, m, r, s) : -1;
            cp_async16(tileX + swizzled(row, chunk), offset >= 0 ? x + offset + c : x, offset >= 0);
        }
    }

    DEVICE void multiply(int stage, int warpM, int warpN, int lane, float (&sums)[FRAGMENTS_M][FRAGMENTS_N][4]) {
        const unsigned char* tileDy = shared + stage * STAGE_BYTES;
        const unsigned char* tileX = tileDy + TILE_BYTES;
#pragma unroll
        for (int step = 0; step < PIXELS / 16; step++) {
            uint32_t fragmentA[FRAGMENTS_M][4];
            uint32_t fragmentB[FRAGMENTS_N / 2][4];
#pragma unroll
            for (int i = 0; i < FRAGMENTS_M; i++) {
                const int row = step * 16 + (lane & 7) + ((lane >> 4) << 3);
                const int chunk = (warpM * W + i * 16) / 8 + ((lane >> 3) & 1);
                ldmatrix_x4_trans(fragmentA[i], tileDy + swizzled(row, chunk));
            }
#pragma unroll
            for (int j = 0; j < FRAGMENTS_N / 2; j++) {
                const int row = step * 16 + (lane & 15);
                const int chunk = (warpN * W + j * 16) / 8 + (lane >> 4);
                ldmatrix_x4_trans(fragmentB[j], tileX + swizzled(row, chunk));
            }
#pragma unroll
            for (int i = 0; i < FRAGMENTS_M; i++) {
#pragma unroll
                for (int j = 0; j < FRAGMENTS_N; j++) {
                    mma_m16n8k16_bf16(sums[i][j], fragmentA[i], fragmentB[j / 2][j % 2 * 2], fragmentB[j / 2][j % 2 * 2 + 1]);
                }
            }
        }
    }

    DEVICE void run() {
        const int lane = lane_index(), warpM = warp_index() % 2, warpN = warp_index() / 2;
        const int32_t split = blockIdx.y;
        const int64_t pixels = int64_t(a.n) * a.p * a.q;
        const int64_t first = int64_t(split) * a.pixelsPerSplit;
        const int64_t end = first + a.pixelsPerSplit < pixels ? first + a.pixelsPerSplit : pixels;
        const int32_t count = int32_t((end - first + PIXELS - 1) / PIXELS);

        float sums[FRAGMENTS_M][FRAGMENTS_N][4] = {};
#pragma unroll
        for (int stage = 0; stage < STAGES - 1; stage++) {
            if (stage < count) {
                load(stage, first + int64_t(stage) * PIXELS, end);
            }
            cp_async_commit();
        }
        for (int32_t step = 0; step < count; step++) {
            cp_async_wait<STAGES - 2>();
            __syncthreads();
            if (step + STAGES - 1 < count) {
                load((step + STAGES - 1) % STAGES, first + int64_t(step + STAGES - 1) * PIXELS, end);
            }
            cp_async_commit();
            multiply(step % STAGES, warpM, warpN, lane, sums);
        }
        cp_async_wait<0>();

#pragma unroll
        for (int i = 0; i < FRAGMENTS_M; i++) {
#pragma unroll
            for (int j = 0; j < FRAGMENTS_N; j++) {
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    const int32_t k = k0 + warpM * W + i * 16 + (lane >> 2) + e / 2 * 8;
                    const int32_t c = c0 + warpN * W + j * 8 + (lane & 3) * 2 + e % 2;
                    if (k < a.k && c < a.c) {
                        conv_weights_store(a, split, k, tap, c, sums[i][j][e]);
                    }
                }
            }
        }
    }
};
} // namespace

extern "C" __global__ void __launch_bounds__(128, 2) conv_weights_bf16_128(ConvWeightsArguments a) {
    DYNAMIC_SHARED(shared);
    ConvWeightsBf16<128>(a, shared).run();
}

extern "C" __global__ void __launch_bounds__(128, 4) conv_weights_bf16_64(ConvWeightsArguments a) {
    DYNAMIC_SHARED(shared);
    ConvWeightsBf16<64>(a, shared).run();
}
