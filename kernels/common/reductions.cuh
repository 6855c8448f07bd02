// Sums over a warp and a block in a fixed order: the same bits on every run.
#pragma once
#include "platform.cuh"

// Butterfly over all 32 lanes; every lane receives the sum.
template <class T> DEVICE T warp_sum(T value) {
#pragma unroll
    for (int offset = kWarpSize / 2; offset > 0; offset /= 2) {
        value += __shfl_xor_sync(FULL_WARP, value, offset);
    }
    return value;
}

DEVICE float warp_max(float value) {
#pragma unroll
    for (int offset = kWarpSize / 2; offset > 0; offset /= 2) {
        value = fmaxf(value, __shfl_xor_sync(FULL_WARP, value, offset));
    }
    return value;
}

// Sum over a block of at most 1024 threads, a multiple of 32; every thread receives it. Reached by all threads of the block; `scratch` is
// shared memory for 32 values and may be used again right after.
template <class T> DEVICE T block_sum(T value, T* scratch) {
    const int warps = blockDim.x / kWarpSize;
    value = warp_sum(value);
    if (lane_index() == 0) {
        scratch[warp_index()] = value;
    }
    __syncthreads();
    T total = scratch[0];
    for (int warp = 1; warp < warps; warp++) {
        total += scratch[warp];
    }
    __syncthreads();
    return total;
}
