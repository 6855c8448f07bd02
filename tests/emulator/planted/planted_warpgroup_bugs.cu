// A pipeline of tensor copies and warpgroup products that is right, or wrong in the one way that `mistake` names.
#include "common/warpgroup_mma.cuh"

enum Mistake {
    kNone,
    kReadsBeforeTheBarrier,
    kWrongParity,
    kSumsBeforeTheWait,
    kStageFreedBeforeTheWait,
    kStageNotWaitedFor,
    kBarrierNotFenced,
    kSumsNotFenced,
    kTooManyBytesExpected,
    kThreeWarps,
    kMisalignedTile,
    kCopiesNotWaitedFor,
};

struct PlantedArguments {
    TensorMap a, b; // (columns, rows): boxes of 64 columns by 64 rows
    float* d;       // (64, 64) = A · Bᵀ
    int steps;      // of 64 columns
    int mistake;
};

// Launch: grid 1, block 160, dynamic shared memory 2 * 16384 + 1024 bytes.
extern "C" __global__ void __launch_bounds__(160) warpgroup_product(const __grid_constant__ PlantedArguments arguments) {
    constexpr int STAGES = 2, TILE = 64 * 128, STAGE = 2 * TILE;
    DYNAMIC_SHARED(shared);
    SHARED_ARRAY(mbarrier, full, [STAGES]);
    SHARED_ARRAY(mbarrier, empty, [STAGES]);
    const int mistake = arguments.mistake;
    unsigned char* stages = align_to_swizzle_atom(shared) + (mistake == kMisalignedTile ? 128 : 0);
    if (threadIdx.x == 0) {
        for (int stage = 0; stage < STAGES; stage++) {
            mbarrier_init(full + stage, 1);
            mbarrier_init(empty + stage, 4);
        }
        if (mistake != kBarrierNotFenced) {
            mbarrier_fence_init();
        }
    }
    __syncthreads();
    if (threadIdx.x == 128) {
        for (int step = 0; step < arguments.steps; step++) {
            const int stage = step % STAGES;
            unsigned char* tile = stages + stage * STAGE;
            if (mistake != kStageNotWaitedFor) {
                mbarrier_wait(empty + stage, (step / STAGES & 1) ^ 1);
            }
            mbarrier_arrive_expect_bytes(full + stage, STAGE + (mistake == kTooManyBytesExpected ? 16 : 0));
            tensor_load_3d(tile, &arguments.a, full + stage, step * 64, 0, 0);
            tensor_load_3d(tile + TILE, &arguments.b, full + stage, step * 64, 0, 0);
        }
        if (mistake != kCopiesNotWaitedFor) {
            for (int step = arguments.steps - min(arguments.steps, STAGES); step < arguments.steps; step++) {
                mbarrier_wait(full + step % STAGES, step / STAGES & 1); // none may be under way when the block ends
            }
        }
    } else if (threadIdx.x < (mistake == kThreeWarps ? 96 : 128)) {
        float sums[8][4] = {};
        const int steps = mistake == kCopiesNotWaitedFor ? 0 : arguments.steps;
        for (int step = 0; step < steps; step++) {
            const int stage = step % STAGES;
            unsigned char* tile = stages + stage * STAGE;
            if (mistake != kReadsBeforeTheBarrier) {
                mbarrier_wait(full + stage, (step / STAGES & 1) ^ (mistake == kWrongParity ? 1 : 0));
            }
            if (mistake != kSumsNotFenced) {
                wgmma_fence();
            }
            for (int i = 0; i < 4; i++) {
                wgmma_k16_bf16<Operands::kRows>(sums, wgmma_operand(tile) + i * 2, wgmma_operand(tile + TILE) + i * 2);
            }
            wgmma_commit();
            if (mistake == kStageFreedBeforeTheWait && lane_index() == 0) {
                mbarrier_arrive(empty + stage);
            }
            if (mistake != kSumsBeforeTheWait) {
                wgmma_wait<0>();
            }
            if (mistake != kStageFreedBeforeTheWait && lane_index() == 0) {
                mbarrier_arrive(empty + stage);
            }
        }
        float* d = arguments.d + (warp_index() * 16 + lane_index() / 4) * 64 + lane_index() % 4 * 2;
        for (int j = 0; j < 8; j++) {
            d[j * 8] = sums[j][0];
            d[j * 8 + 1] = sums[j][1];
            d[j * 8 + 8 * 64] = sums[j][2];
            d[j * 8 + 8 * 64 + 1] = sums[j][3];
        }
        wgmma_wait<0>();
    }
}
