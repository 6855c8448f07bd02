// Convolution forward and gradient by the input in bf16 for Hopper (sm_90a alone): tiles fetched by the copy engine (TMA), multiplied by
// warpgroups (wgmma), accumulated in float32. The same implicit GEMM as conv_gather_mma.cuh: M = output pixels, N = output channels, reduction
// over (tap, input channel).
//
// A block computes 128 pixels (a box of tileW x tileH x tileN in width, height and samples) by BN channels. A tap of all its pixels is a box of
// the input too, shifted and, for stride 2, with gaps: one tiled load of 64 channels, in which the copy engine writes zeros for the padding, for
// what lies beyond the image, and for channels past the last. One warp does nothing but issue these loads, STAGES deep; two warpgroups multiply
// 64 pixels each (common/tile_pipeline.cuh).
//
// Sums are taken in the order (tap, channel), 16 channels an instruction, and split over blocks where the other bf16 kernels split them. Zeros
// add nothing, so where the hardware adds within an instruction as mma.sync does, results are those of conv_gather_bf16 bit for bit. These kernels
// have run on the emulated driver only, never on a card: the host compares what they write with what another kernel wrote, on the card and for each
// problem, before it uses one (KernelTuner).
//
// Launch: grid (ceil(n / tileN) * ceil(p / tileH) * ceil(q / tileW), ceil(k / BN), splits), block 288, dynamic shared memory
// STAGES * (128 + BN) * 128 + 1024 bytes; kernel names end in 128xBN. Arguments: one ConvTileArguments, weight (in the maps) is the packed bf16
// copy. Limits: divide = 0, c a multiple of 8; with splits > 1 c and the channels of a split are multiples of 64.
#include "common/tile_pipeline.cuh"
#include "conv_epilogue.cuh"
#include "conv_pixel_box.cuh"

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
    static constexpr int WARPGROUPS = 2;
    static constexpr int COLUMNS = BN < 128 ? BN : 128, PARTS = BN / COLUMNS; // of one instruction; instructions side by side
    static constexpr int ROW_BYTES = CHANNELS * 2;
    static constexpr int A_BYTES = BM * ROW_BYTES, STAGE_BYTES = A_BYTES + BN * ROW_BYTES;
    static constexpr int STEPS_OF_OTHERS = 2; // the other kernels, and stepsPerSplit, count 32 channels a step
    using Rows = ConvRows<bf16, COLUMNS>;
    using Pipeline = TilePipeline<STAGES, STAGE_BYTES, WARPGROUPS>;
    static_assert(Pipeline::MULTIPLYING_WARPS * Rows::STAGING_BYTES <= STAGES * STAGE_BYTES, "the epilogue reuses the pipeline's memory");

    const ConvTileArguments& tiles;
    const ConvArguments& a;
    Pipeline pipeline;
    const int warp;
    const int32_t k0;
    PixelBox box;

    DEVICE ConvGatherWgmma(const ConvTileArguments& arguments, unsigned char* memory, mbarrier* barriers)
        : tiles(arguments), a(arguments.conv), pipeline(memory, barriers), warp(uniform_warp_index()), k0(int32_t(blockIdx.y) * BN) {
        box.seek(a, int32_t(blockIdx.x), tiles.tileW, tiles.tileH, 7 - tiles.tileW - tiles.tileH);
    }

    // One thread: the loads of steps first … first + count.
    DEVICE void load(int32_t first, int32_t count) {
        const int32_t stepsPerTap = ceil_div(a.c, CHANNELS);
        TapCursor cursor;
        cursor.seek(a.kernel, first / stepsPerTap, first % stepsPerTap * CHANNELS);
        pipeline.load(count, [&](unsigned char* stage, mbarrier* full) {
            tensor_load_4d(stage, &tiles.input, full, cursor.c, box.q * a.stride - a.pad + cursor.s, box.p * a.stride - a.pad + cursor.r, box.n);
            tensor_load_3d(stage + A_BYTES, &tiles.weight, full, cursor.c, cursor.tap, k0);
            cursor.advance(CHANNELS, a.c, a.kernel);
        });
    }

    // A warpgroup: its 64 pixels.
    DEVICE void multiply(int32_t count, float (&sums)[PARTS][COLUMNS / 8][4]) {
        pipeline.multiply(count, sums, [&](const unsigned char* stage) {
            const uint64_t tileA = wgmma_operand(stage + warp / 4 * (A_BYTES / WARPGROUPS));
            const uint64_t tileB = wgmma_operand(stage + A_BYTES);
#pragma unroll
            for (int i = 0; i < CHANNELS / 16; i++) {
#pragma unroll
                for (int part = 0; part < PARTS; part++) {
                    wgmma_k16_bf16<Operands::kRows>(sums[part], tileA + i * 2, tileB + part * (COLUMNS * ROW_BYTES / 16) + i * 2);
                }
            }
        });
    }

    // The pixel of a row of the block's tile, -1 beyond the image or the batch.
    DEVICE int64_t pixel(int row) const {
        const int32_t q = box.q + (row & ((1 << tiles.tileW) - 1));
        const int32_t p = box.p + (row >> tiles.tileW & ((1 << tiles.tileH) - 1));
        const int32_t n = box.n + (row >> (tiles.tileW + tiles.tileH));
        return q < a.q && p < a.p && n < a.n ? (int64_t(n) * a.p + p) * a.q + q : -1;
    }

    DEVICE void finish(const float (&sums)[PARTS][COLUMNS / 8][4]) {
        float* staging = reinterpret_cast<float*>(pipeline.stages + warp * Rows::STAGING_BYTES);
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
        pipeline.initialise();
        float sums[PARTS][COLUMNS / 8][4] = {};
        if (warp < Pipeline::MULTIPLYING_WARPS) {
            multiply(count, sums);
        } else {
            if (lane_index() == 0) {
                load(first, count);
            }
            __syncwarp(); // warps come to the barrier whole
        }
        __syncthreads(); // everyone is done with the stages, where the results are laid out next
        if (warp < Pipeline::MULTIPLYING_WARPS) {
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
