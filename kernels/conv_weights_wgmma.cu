// Convolution gradient by the weight in bf16 for Hopper (sm_90a alone): tiles fetched by the copy engine (TMA), multiplied by warpgroups (wgmma),
// accumulated in float32. Formula in conv_arguments.cuh.
//
// For every tap a GEMM: M = output channels k, N = input channels c, reduction over all output pixels. A step takes 64 pixels: a box of
// 2^tileW x 2^tileH x 2^tileN in width, height and samples. Its dy is one tiled load of 64 channels at a time, its x is the same box of the input,
// shifted by the tap and, for stride 2, with gaps; the copy engine writes zeros for the padding, for pixels beyond the output, and for channels past
// the last. Both lie pixel-major, a row of 64 channels a pixel, which wgmma reads as transposed operands. One warp loads, two warpgroups multiply
// 64 output channels each (common/tile_pipeline.cuh).
//
// The boxes visit the pixels in their order in memory, 16 an instruction, and a split of the reduction starts at a box: sums are taken in the order of
// conv_weights_bf16. Zeros add nothing, so where the hardware adds within an instruction as mma.sync does, and the same 16 pixels meet in one
// instruction (WeightsProblem.java says for which sizes), results are those of conv_weights_bf16 bit for bit. These kernels have run on the emulated
// driver only, never on a card: the host compares what they write with what conv_weights_bf16 wrote, on the card and for each problem, before it uses
// one (KernelTuner). Splits are summed in order by conv_weights_reduce. Deterministic.
//
// Launch: grid (ceil(k / 128) * ceil(c / BN) * taps, splits), block 288, dynamic shared memory STAGES * (128 + BN) * 128 + 1024 bytes; kernel names
// end in 128xBN. Arguments: one ConvWeightsTileArguments. Limits: c and k multiples of 8.
#include "common/tile_pipeline.cuh"
#include "conv_arguments.cuh"
#include "conv_pixel_box.cuh"

// The Java class CudaConvolutionWeights writes this struct field by field: keep both in step.
struct ConvWeightsTileArguments {
    TensorMap dy; // (k, q, p, n): box of 64 channels by 2^tileW, 2^tileH, 2^tileN pixels
    TensorMap x;  // (c, w, h, n): the same box, `stride` pixels apart
    ConvWeightsArguments conv;
    int32_t tileW, tileH, tileN; // they add up to 6
    int32_t boxesPerSplit;       // that cover pixelsPerSplit
};

namespace {

template <int BN, int STAGES> struct ConvWeightsWgmma {
    static constexpr int BM = 128, CHANNELS = 64, PIXELS = 64, WARPGROUPS = 2;
    static constexpr int COLUMNS = BN < 128 ? BN : 128, PARTS = BN / COLUMNS; // of one instruction; instructions side by side
    static constexpr int ROW_BYTES = CHANNELS * 2, GROUP_BYTES = PIXELS * ROW_BYTES; // a pixel's, a load's
    static constexpr int A_BYTES = BM / CHANNELS * GROUP_BYTES, STAGE_BYTES = A_BYTES + BN / CHANNELS * GROUP_BYTES;
    using Pipeline = TilePipeline<STAGES, STAGE_BYTES, WARPGROUPS>;

    const ConvWeightsTileArguments& tiles;
    const ConvWeightsArguments& a;
    Pipeline pipeline;
    const int warp;
    int32_t k0, c0, tap;

    DEVICE ConvWeightsWgmma(const ConvWeightsTileArguments& arguments, unsigned char* memory, mbarrier* barriers)
        : tiles(arguments), a(arguments.conv), pipeline(memory, barriers), warp(uniform_warp_index()) {
        const int32_t tilesC = ceil_div(a.c, BN), tilesK = ceil_div(a.k, BM);
        const int32_t tile = blockIdx.x;
        c0 = tile % tilesC * BN;
        k0 = tile / tilesC % tilesK * BM;
        tap = tile / (tilesC * tilesK);
    }

    // One thread: dy and x of boxes first … first + count.
    DEVICE void load(int32_t first, int32_t count) {
        const int32_t r = tap / a.kernel, s = tap - r * a.kernel;
        PixelBox box;
        box.seek(a, first, tiles.tileW, tiles.tileH, tiles.tileN);
        pipeline.load(count, [&](unsigned char* stage, mbarrier* full) {
#pragma unroll
            for (int i = 0; i < BM / CHANNELS; i++) {
                tensor_load_4d(stage + i * GROUP_BYTES, &tiles.dy, full, k0 + i * CHANNELS, box.q, box.p, box.n);
            }
#pragma unroll
            for (int i = 0; i < BN / CHANNELS; i++) {
                tensor_load_4d(stage + A_BYTES + i * GROUP_BYTES, &tiles.x, full, c0 + i * CHANNELS, box.q * a.stride - a.pad + s,
                               box.p * a.stride - a.pad + r, box.n);
            }
            box.advance(a, tiles.tileW, tiles.tileH, tiles.tileN);
        });
    }

    // A warpgroup: its 64 output channels.
    DEVICE void multiply(int32_t count, float (&sums)[PARTS][COLUMNS / 8][4]) {
        constexpr int STEP = 16 * ROW_BYTES / 16, PART = COLUMNS / CHANNELS * GROUP_BYTES / 16; // in units of a descriptor's address
        pipeline.multiply(count, sums, [&](const unsigned char* stage) {
            const uint64_t tileDy = wgmma_transposed_operand(stage + warp / 4 * GROUP_BYTES, GROUP_BYTES);
            const uint64_t tileX = wgmma_transposed_operand(stage + A_BYTES, GROUP_BYTES);
#pragma unroll
            for (int i = 0; i < PIXELS / 16; i++) {
#pragma unroll
                for (int part = 0; part < PARTS; part++) {
                    wgmma_k16_bf16<Operands::kTransposed>(sums[part], tileDy + i * STEP, tileX + part * PART + i * STEP);
                }
            }
        });
    }

    DEVICE void store(const float (&sums)[PARTS][COLUMNS / 8][4]) {
        const int lane = lane_index();
#pragma unroll
        for (int part = 0; part < PARTS; part++) {
#pragma unroll
            for (int j = 0; j < COLUMNS / 8; j++) {
#pragma unroll
                for (int e = 0; e < 4; e++) {
                    const int32_t k = k0 + warp * 16 + (lane >> 2) + e / 2 * 8;
                    const int32_t c = c0 + part * COLUMNS + j * 8 + (lane & 3) * 2 + e % 2;
                    if (k < a.k && c < a.c) {
                        conv_weights_store(a, int32_t(blockIdx.y), k, tap, c, sums[part][j][e]);
                    }
                }
            }
        }
    }

    DEVICE void run() {
        const int32_t boxes = (((a.q - 1) >> tiles.tileW) + 1) * (((a.p - 1) >> tiles.tileH) + 1) * (((a.n - 1) >> tiles.tileN) + 1);
        const int32_t first = int32_t(blockIdx.y) * tiles.boxesPerSplit;
        const int32_t count = boxes - first < tiles.boxesPerSplit ? boxes - first : tiles.boxesPerSplit;
        pipeline.initialise();
        if (warp < Pipeline::MULTIPLYING_WARPS) {
            float sums[PARTS][COLUMNS / 8][4] = {};
            multiply(count, sums);
            store(sums);
        } else if (lane_index() == 0) {
            load(first, count);
        }
    }
};

template <int BN, int STAGES> DEVICE void conv_weights_wgmma(const ConvWeightsTileArguments& arguments) {
    DYNAMIC_SHARED(shared);
    SHARED_ARRAY(mbarrier, barriers, [2 * STAGES]);
    ConvWeightsWgmma<BN, STAGES>(arguments, shared, barriers).run();
}

} // namespace

extern "C" __global__ void __launch_bounds__(288, 1) conv_weights_wgmma_128x256(const __grid_constant__ ConvWeightsTileArguments arguments) {
    conv_weights_wgmma<256, 4>(arguments);
}

extern "C" __global__ void __launch_bounds__(288, 2) conv_weights_wgmma_128x128(const __grid_constant__ ConvWeightsTileArguments arguments) {
    conv_weights_wgmma<128, 3>(arguments);
}

extern "C" __global__ void __launch_bounds__(288, 2) conv_weights_wgmma_128x64(const __grid_constant__ ConvWeightsTileArguments arguments) {
    conv_weights_wgmma<64, 4>(arguments);
}
