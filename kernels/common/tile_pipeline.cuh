// A ring of stages in shared memory between one thread that orders tiles from the copy engine and warpgroups that multiply them (sm_90a).
//
//   full[stage]    completes when all bytes of a step have arrived: the warpgroups may read the stage
//   empty[stage]   completes when all multiplying warps are done with it: it may be loaded again
//
// Both sides take the same number of steps, in order. The first 4 * WARPGROUPS warps of a block multiply, one thread of another warp loads.
#pragma once
#include "warpgroup_mma.cuh"

// The warp's number in a register that the whole warp shares, so that the compiler sees warps take one path each.
DEVICE int uniform_warp_index() { return __shfl_sync(FULL_WARP, warp_index(), 0); }

template <int STAGES, int STAGE_BYTES, int WARPGROUPS> struct TilePipeline {
    static constexpr int MULTIPLYING_WARPS = 4 * WARPGROUPS;
    static_assert(STAGE_BYTES % kSwizzleAtom == 0, "every stage starts where a swizzled tile may");

    unsigned char* const stages;
    mbarrier* const full;
    mbarrier* const empty;

    // `memory`: STAGES * STAGE_BYTES + kSwizzleAtom bytes; `barriers`: 2 * STAGES.
    DEVICE TilePipeline(unsigned char* memory, mbarrier* barriers)
        : stages(align_to_swizzle_atom(memory)), full(barriers), empty(barriers + STAGES) {}

    // The whole block.
    DEVICE void initialise() {
        if (threadIdx.x == 0) {
            for (int stage = 0; stage < STAGES; stage++) {
                mbarrier_init(full + stage, 1);
                mbarrier_init(empty + stage, MULTIPLYING_WARPS);
            }
            mbarrier_fence_init();
        }
        __syncthreads();
    }

    // One thread: calls order(stage, barrier) for one step after another, each as soon as its stage is free. It orders STAGE_BYTES a step.
    template <class Order> DEVICE void load(int32_t steps, Order order) {
        int stage = 0;
        uint32_t round = 0; // parity of the stage's use
        for (int32_t step = 0; step < steps; step++) {
            mbarrier_wait(empty + stage, round ^ 1); // passes in the first round
            mbarrier_arrive_expect_bytes(full + stage, STAGE_BYTES);
            order(stages + stage * STAGE_BYTES, full + stage);
            if (++stage == STAGES) {
                stage = 0;
                round ^= 1;
            }
        }
    }

    // A warpgroup: calls multiply(stage) for one step after another, which issues the step's products into `sums`. The tensor cores always have
    // the next step's products queued while they finish the last one's.
    template <int PARTS, int FRAGMENTS, class Multiply> DEVICE void multiply(int32_t steps, float (&sums)[PARTS][FRAGMENTS][4], Multiply multiply) {
        int stage = 0;
        uint32_t round = 0;
        hold(sums);
        for (int32_t step = 0; step < steps; step++) {
            mbarrier_wait(full + stage, round);
            wgmma_fence();
            multiply(static_cast<const unsigned char*>(stages + stage * STAGE_BYTES));
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

    template <int PARTS, int FRAGMENTS> DEVICE static void hold(float (&sums)[PARTS][FRAGMENTS][4]) {
#pragma unroll
        for (int part = 0; part < PARTS; part++) {
            wgmma_hold(sums[part]);
        }
    }
};
