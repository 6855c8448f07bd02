// Implicit-GEMM convolution on tensor cores: M = output pixels, N = output channels, reduction over (tap, input channel).
//
// A block computes BM x BN outputs. Tiles of BK channels of one tap travel global -> shared memory by cp.async, STAGES deep; rows are 64
// bytes, their four 16-byte chunks swizzled so that neither the copies nor ldmatrix meet a bank twice. A warp owns WM x WN outputs as
// m16n8 fragments. The result leaves through shared memory, so that global writes (and the residual's reads) are whole rows.
//
// bf16 tiles hold 32 channels (mma m16n8k16), TF32 tiles 16 (mma m16n8k8): 64 bytes both, and the same ldmatrix addresses serve both.
// Deterministic: every output is summed in the order (tap, channel) whatever the tile shape, split at the same places (see
// conv_split_reduce), so tile shapes are interchangeable bit for bit.
// Limits: input channels a multiple of 16 bytes, input and weight 16-byte aligned, weightChannel = 1. Any number of output channels.
#pragma once
#include "conv_epilogue.cuh"

// What differs between the two element types.
template <class Element> struct MmaTraits;

template <> struct MmaTraits<bf16> {
    DEVICE static void prepare(uint32_t (&)[4]) {}
    DEVICE static void multiply(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) { mma_m16n8k16_bf16(c, a, b0, b1); }
};

template <> struct MmaTraits<float> {
    DEVICE static void prepare(uint32_t (&fragment)[4]) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            fragment[i] = to_tf32(__uint_as_float(fragment[i]));
        }
    }
    DEVICE static void multiply(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) { mma_m16n8k8_tf32(c, a, b0, b1); }
};

// Byte offset of 16-byte chunk `chunk` (0..3) of a 64-byte row: rows 2i and 2i+1 share a 128-byte line, and four such lines rotate.
DEVICE int swizzled64(int row, int chunk) { return row * 64 + ((chunk ^ ((row >> 1) & 3)) << 4); }

template <class Element, class Output, int BM, int BN, int WARPS_M, int WARPS_N, int STAGES> struct ConvGatherMma {
    static constexpr int THREADS = WARPS_M * WARPS_N * kWarpSize;
    static constexpr int CHUNK = 16 / int(sizeof(Element)); // elements a copy
    static constexpr int BK = 4 * CHUNK;
    static constexpr int WM = BM / WARPS_M, WN = BN / WARPS_N;
    static constexpr int FRAGMENTS_M = WM / 16, FRAGMENTS_N = WN / 8;
    static constexpr int A_BYTES = BM * 64, STAGE_BYTES = A_BYTES + BN * 64;
    static constexpr int A_COPIES = BM * 4 / THREADS, B_COPIES = ceil_div(BN * 4, THREADS);
    using Rows = ConvRows<Output, WN>;
    static_assert(WM % 16 == 0 && BM * 4 % THREADS == 0, "tiles of whole fragments and copies");
    static_assert(WARPS_M * WARPS_N * Rows::STAGING_BYTES <= STAGES * STAGE_BYTES, "the epilogue reuses the pipeline's memory");

    const ConvArguments& a;
    unsigned char* shared;
    const int64_t m0;
    const int32_t n0;
    const int thread, lane, warpM, warpN;
    PixelOrigin origins[A_COPIES];
    TapCursor cursor;

    DEVICE ConvGatherMma(const ConvArguments& arguments, unsigned char* memory)
        : a(arguments), shared(memory), m0(int64_t(blockIdx.x) * BM), n0(int32_t(blockIdx.y) * BN), thread(threadIdx.x), lane(lane_index()),
          warpM(warp_index() % WARPS_M), warpN(warp_index() / WARPS_M) {
#pragma unroll
        for (int i = 0; i < A_COPIES; i++) {
            origins[i] = pixel_origin(a, m0 + (thread >> 2) + i * (THREADS / 4));
        }
    }

    // Issues the copies of the tile under the cursor and moves the cursor on.
    DEVICE void load(int stage) {
        unsigned char* tile = shared + stage * STAGE_BYTES;
        const int chunk = thread & 3;
        const int32_t c = cursor.c + chunk * CHUNK;
        const bool inside = c < a.c;
        const Element* input = static_cast<const Element*>(a.input);
        const Element* weight = static_cast<const Element*>(a.weight) + cursor.tap * a.weightTap + c;
#pragma unroll
        for (int i = 0; i < A_COPIES; i++) {
            const int row = (thread >> 2) + i * (THREADS / 4);
            const int64_t offset = tap_offset(a, origins[i], cursor.r, cursor.s);
            const bool valid = inside && offset >= 0;
            cp_async16(tile + swizzled64(row, chunk), valid ? input + offset + c : input, valid);
        }
#pragma unroll
        for (int i = 0; i < B_COPIES; i++) {
            const int row = (thread >> 2) + i * (THREADS / 4);
            if (BN * 4 % THREADS == 0 || row < BN) {
                const bool valid = inside && n0 + row < a.k;
                cp_async16(tile + A_BYTES + swizzled64(row, chunk), valid ? weight + (n0 + row) * a.weightRow : weight, valid);
            }
        }
        cursor.advance(BK, a.c, a.kernel);
    }

    DEVICE void multiply(int stage, float (&sums)[FRAGMENTS_M][FRAGMENTS_N][4]) {
        const unsigned char* tileA = shared + stage * STAGE_BYTES;
        const unsigned char* tileB = tileA + A_BYTES;
#pragma unroll
        for (int step = 0; step < 2; step++) {
            uint32_t fragmentA[FRAGMENTS_M][4];
            uint32_t fragmentB[FRAGMENTS_N / 2][4];
#pragma unroll
            for (int i = 0; i < FRAGMENTS_M; i++) {
                const int row = warpM * WM + i * 16 + (lane & 15);
                ldmatrix_x4(fragmentA[i], tileA + swizzled64(row, step * 2 + (lane >> 4)));
                MmaTraits<Element>::prepare(fragmentA[i]);
            }
#pragma unroll
            for (int j = 0; j < FRAGMENTS_N / 2; j++) {
                const int row = warpN * WN + j * 16 + (lane & 7) + ((lane >> 4) << 3);
                ldmatrix_x4(fragmentB[j], tileB + swizzled64(row, step * 2 + ((lane >> 3) & 1)));
                MmaTraits<Element>::prepare(fragmentB[j]);
            }
#pragma unroll
            for (int i = 0; i < FRAGMENTS_M; i++) {
#pragma unroll
                for (int j = 0; j < FRAGMENTS_N; j++) {
                    MmaTraits<Element>::multiply(sums[i][j], fragmentA[i], fragmentB[j / 2][j % 2 * 2], fragmentB[j / 2][j % 2 * 2 + 1]);
                }
            }
        }
    }

    DEVICE void finish(int32_t split, const float (&sums)[FRAGMENTS_M][FRAGMENTS_N][4]) {
        float* staging = reinterpret_cast<float*>(shared + warp_index() * Rows::STAGING_BYTES);
        const int64_t pixels = int64_t(a.n) * a.p * a.q;
#pragma unroll
        for (int i = 0; i < FRAGMENTS_M; i++) {
            const int64_t first = m0 + warpM * WM + i * 16;
            Rows::finish(a, split, staging, sums[i], n0 + warpN * WN, [=](int row) { return first + row < pixels ? first + row : -1; });
        }
    }

    DEVICE void run() {
        const int32_t stepsPerTap = ceil_div(a.c, BK);
        const int32_t steps = a.kernel * a.kernel * stepsPerTap;
        const int32_t split = blockIdx.z;
        const int32_t first = split * a.stepsPerSplit;
        const int32_t count = steps - first < a.stepsPerSplit ? steps - first : a.stepsPerSplit;
        cursor.seek(a.kernel, first / stepsPerTap, first % stepsPerTap * BK);

        float sums[FRAGMENTS_M][FRAGMENTS_N][4] = {};
#pragma unroll
        for (int stage = 0; stage < STAGES - 1; stage++) {
            if (stage < count) {
                load(stage);
            }
            cp_async_commit();
        }
        int stage = 0;
        for (int32_t step = 0; step < count; step++) {
            cp_async_wait<STAGES - 2>();
            __syncthreads(); // the tile has arrived for everyone, and everyone is done with the tile that the next copies overwrite
            if (step + STAGES - 1 < count) {
                load(stage == 0 ? STAGES - 1 : stage - 1);
            }
            cp_async_commit();
            multiply(stage, sums);
            stage = stage + 1 == STAGES ? 0 : stage + 1;
        }
        cp_async_wait<0>();
        __syncthreads();
        finish(split, sums);
    }
};

template <class Element, class Output, int BM, int BN, int WARPS_M, int WARPS_N, int STAGES> DEVICE void conv_gather_mma(const ConvArguments& a) {
    DYNAMIC_SHARED(shared);
    ConvGatherMma<Element, Output, BM, BN, WARPS_M, WARPS_N, STAGES>(a, shared).run();
}
