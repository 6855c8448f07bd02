// Convolution forward and gradient by the input in bf16 for Hopper (sm_90a alone): tiles fetched by the copy engine (TMA), multiplied by
// warpgroups (wgmma), accumulated in float32. The same implicit GEMM as conv_gather_mma.cuh: M = output pixels, N = output channels, reduction
// over (tap, input channel).
//
// A block computes 128 pixels (a box of tileW x tileH x tileN in width, height and samples) by BN channels. A tap of all its pixels is a box of
// the input too, shifted and, for stride 2, with gaps: one tiled load of 64 channels, in which the copy engine writes zeros for the padding, for
// what lies beyond the image, and for channels past the last. One warp does nothing but issue these loads, STAGES deep; two warpgroups multiply
// 64 pixels each.
//
//   full[stage]    completes when the bytes of both tiles have arrived: the warpgroups may read the stage
//   empty[stage]   completes when all eight multiplying warps are done with it: it may be loaded again
//
// Sums are taken in the order (tap, channel), 16 channels an instruction, and split over blocks where the other bf16 kernels split them. Zeros
// add nothing, so where the hardware adds within an instruction as mma.sync does, results are those of conv_gather_bf16 bit for bit. These kernels
// have run on the emulated driver only, never on a card: the host compares what they write with what another kernel wrote, on the card and for each
// problem, before it uses one (KernelTuner).
//
// Launch: grid (ceil(n / tileN) * ceil(p / tileH) * ceil(q / tileW), ceil(k / BN), splits), block 288, dynamic shared memory
// STAGES * (128 + BN) * 128 + 1024 bytes; kernel names end in 128xBN. Arguments: one ConvTileArguments, weight (in the maps) is the packed bf16
// copy. Limits: divide = 0, c a multiple of 8; with splits > 1 c and the channels of a split are multiples of 64.
#include "common/warpgroup_mma.cuh"
#include "conv_epilogue.cuh"

// The Java class CudaConvolution writes this struct field by field: keep both in step.
struct ConvTileArguments {
    TensorMap input;  // (c, w, h, n): box of 64 channels by tileW, tileH, tileN pixels, `stride` apart
    TensorMap weight; // (c, tap, k): box of 64 channels of one tap of BN output channels
    ConvArguments conv;
    int32_t tileW, tileH; // base-2 logarithms; those of tileW, tileH and tileN add up to 7
};

namespace {

template <int BN, int STAGES> struct ConvGatherWgmma {
    static constexpr int BM = 128, CHANNELS = 64;
    static constexpr int WARPGROUPS = 2, MULTIPLYING_WARPS = 4 * WARPGROUPS;
    static constexpr int COLUMNS = BN < 128 ? BN : 128, PARTS = BN / COLUMNS; // of one instruction; instructions side by side
    static constexpr int ROW_BYTES = CHANNELS * 2;
    static constexpr int A_BYTES = BM * ROW_BYTES, STAGE_BYTES = A_BYTES + BN * ROW_BYTES;
    static constexpr int STEPS_OF_OTHERS = 2; // the other kernels, and stepsPerSplit, count 32 channels a step
    using Rows = ConvRows<bf16, COLUMNS>;
    static_assert(MULTIPLYING_WARPS * Rows::STAGING_BYTES <= STAGES * STAGE_BYTES, "the epilogue reuses the pipeline's memory");

    const ConvTileArguments& tiles;
    const ConvArguments& a;
    unsigned char* const stages;
    mbarrier* const full;
    mbarrier* const empty;
    const int warp; // the same register for the whole warp, so that the compiler sees warps take one path each
    const int32_t k0;
    int32_t n0, p0, q0; // the box's first output pixel

    DEVICE ConvGatherWgmma(const ConvTileArguments& arguments, unsigned char* memory, mbarrier* barriers)
        : tiles(arguments), a(arguments.conv), stages(align_to_swizzle_atom(memory)), full(barriers), empty(barriers + STAGES),
          warp(__shfl_sync(FULL_WARP, warp_index(), 0)), k0(int32_t(blockIdx.y) * BN) {
        const int32_t across = ((a.q - 1) >> tiles.tileW) + 1, down = ((a.p - 1) >> tiles.tileH) + 1;
        const int32_t box = int32_t(blockIdx.x);
        q0 = box % across << tiles.tileW;
        p0 = box / across % down << tiles.tileH;
        n0 = box / across / down << (7 - tiles.tileW - tiles.tileH);
    }

    DEVICE void initialise_barriers() {
        if (threadIdx.x == 0) {
            for (int stage = 0; stage < STAGES; stage++) {
                mbarrier_init(full + stage, 1);
                mbarrier_init(empty + stage, MULTIPLYING_WARPS);
            }
            mbarrier_fence_init();
        }
        __syncthreads();
    }

    // One thread: the loads of steps first … first + count, each as soon as its stage is free.
    DEVICE void load(int32_t first, int32_t count) {
        const int32_t stepsPerTap = ceil_div(a.c, CHANNELS);
        TapCursor cursor;
        cursor.seek(a.kernel, first / stepsPerTap, first % stepsPerTap * CHANNELS);
        int stage = 0;
        uint32_t round = 0; // parity of the stage's use
        for (int32_t step = 0; step < count; step++) {
            unsigned char* tile = stages + stage * STAGE_BYTES;
            mbarrier_wait(empty + stage, round ^ 1); // passes in the first round
            mbarrier_arrive_expect_bytes(full + stage, STAGE_BYTES);
            tensor_load_4d(tile, &tiles.input, full + stage, cursor.c, q0 * a.stride - a.pad + cursor.s, p0 * a.stride - a.pad + cursor.r, n0);
            tensor_load_3d(tile + A_BYTES, &tiles.weight, full + stage, cursor.c, cursor.tap, k0);
            cursor.advance(CHANNELS, a.c, a.kernel);
            if (++stage == STAGES) {
                stage = 0;
                round ^= 1;
            }
        }
    }

    // A warpgroup: its 64 pixels. The tensor cores always have the next step's products queued while they finish the last one's.
    DEVICE void multiply(int32_t count, float (&sums)[PARTS][COLUMNS / 8][4]) {
        const unsigned char* rows = stages + warp / 4 * (A_BYTES / WARPGROUPS);
        int stage = 0;
        uint32_t round = 0;
        hold(sums);
        for (int32_t step = 0; step < count; step++) {
            const uint64_t tileA = wgmma_operand(rows + stage * STAGE_BYTES);
            const uint64_t tileB = wgmma_operand(stages + stage * STAGE_BYTES + A_BYTES);
            mbarrier_wait(full + stage, round);
            wgmma_fence();
#pragma unroll
            for (int i = 0; i < CHANNELS / 16; i++) {
#pragma unroll
                for (int part = 0; part < PARTS; part++) {
                    wgmma_k16_bf16(sums[part], tileA + i * 2, tileB + part * (COLUMNS * ROW_BYTES / 16) + i * 2);
                }
            }
            wgmma_commit();
            wgmma_wait<1>(); // the last step's, so its stage is free
            if (step > 0 && lane_index() == 0) {
                mbarrier_arrive(empty + (stage == 0 ? STAGES : stage) - 1);
            }
            if (++stage == STAGES) {
                stage = 0;
                round ^= 1;
            }
        }
        wgmma_wait<0>();
        hold(sums);
    }

    DEVICE static void hold(float (&sums)[PARTS][COLUMNS / 8][4]) {
#pragma unroll
        for (int part = 0; part < PARTS; part++) {
            wgmma_hold(sums[part]);
        }
    }

    // The pixel of a row of the block's tile, -1 beyond the image or the batch.
    DEVICE int64_t pixel(int row) const {
        const int32_t q = q0 + (row & ((1 << tiles.tileW) - 1));
        const int32_t p = p0 + (row >> tiles.tileW & ((1 << tiles.tileH) - 1));
        const int32_t n = n0 + (row >> (tiles.tileW + tiles.tileH));
        return q < a.q && p < a.p && n < a.n ? (int64_t(n) * a.p + p) * a.q + q : -1;
    }

    DEVICE void finish(const float (&sums)[PARTS][COLUMNS / 8][4]) {
        float* staging = reinterpret_cast<float*>(stages + warp * Rows::STAGING_BYTES);
        const int first = warp * 16;
#pragma unroll
        for (int part = 0; part < PARTS; part++) {
            Rows::finish(a, int32_t(blockIdx.z), staging, sums[part], k0 + part * COLUMNS, [=](int row) { return pixel(first + row); });
        }
    }

    DEVICE void run() {
        const int32_t steps = a.kernel * a.kernel * ceil_div(a.c, CHANNELS);
        const int32_t stepsPerSplit = a.splits == 1 ? steps : a.stepsPerSplit / STEPS_OF_OTHERS;
        const int32_t first = int32_t(blockIdx.z) * stepsPerSplit;
        const int32_t count = steps - first < stepsPerSplit ? steps - first : stepsPerSplit;
        initialise_barriers();
        float sums[PARTS][COLUMNS / 8][4] = {};
        if (warp < MULTIPLYING_WARPS) {
            multiply(count, sums);
        } else {
            if (lane_index() == 0) {
                load(first, count);
            }
            __syncwarp(); // warps come to the barrier whole
        }
        __syncthreads(); // everyone is done with the stages, where the results are laid out next
        if (warp < MULTIPLYING_WARPS) {
            finish(sums);
        }
    }
};

template <int BN, int STAGES> DEVICE void conv_gather_wgmma(const ConvTileArguments& arguments) {
    DYNAMIC_SHARED(shared);
    SHARED_ARRAY(mbarrier, barriers, [2 * STAGES]);
    ConvGatherWgmma<BN, STAGES>(arguments, shared, barriers).run();
}

} // namespace

extern "C" __global__ void __launch_bounds__(288, 1) conv_gather_wgmma_128x256(const __grid_constant__ ConvTileArguments arguments) {
    conv_gather_wgmma<256, 4>(arguments);
}

extern "C" __global__ void __launch_bounds__(288, 2) conv_gather_wgmma_128x128(const __grid_constant__ ConvTileArguments arguments) {
    conv_gather_wgmma<128, 3>(arguments);
}

extern "C" __global__ void __launch_bounds__(288, 2) conv_gather_wgmma_128x64(const __grid_constant__ ConvTileArguments arguments) {
    conv_gather_wgmma<64, 4>(arguments);
}
