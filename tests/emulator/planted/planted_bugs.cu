// Kernels that are wrong on purpose, one mistake each, and a right one beside them. planted_bugs_test.cpp shows that each is caught.
#include "common/device.cuh"

// Right: the sum of each block's 256 numbers.
extern "C" __global__ void __launch_bounds__(256) correct_block_sums(float* sums, const float* x, int n) {
    SHARED_ARRAY(float, scratch, [32]);
    const int64_t i = global_index();
    const float total = block_sum(i < n ? x[i] : 0.f, scratch);
    if (threadIdx.x == 0) {
        sums[blockIdx.x] = total;
    }
}

// The guard should be i >= n.
extern "C" __global__ void write_past_end(float* y, int n) {
    const int64_t i = global_index();
    if (i > n) {
        return;
    }
    y[i] = 1.f;
}

extern "C" __global__ void read_past_end(float* y, const float* x, int n) {
    const int64_t i = global_index();
    if (i < n) {
        y[i] = x[i + 1];
    }
}

// Reads what it is given, whether or not anybody has written it or still owns it.
extern "C" __global__ void copy_all(float* y, const float* x, int n) {
    const int64_t i = global_index();
    if (i < n) {
        y[i] = x[i];
    }
}

extern "C" __global__ void write_all(float* y, int n) {
    const int64_t i = global_index();
    if (i < n) {
        y[i] = 2.f;
    }
}

// All blocks write the same elements.
extern "C" __global__ void overlapping_blocks(float* y) {
    y[threadIdx.x] = float(blockIdx.x);
}

// The barrier between writing and reading the neighbour's element is missing.
extern "C" __global__ void missing_barrier(float* y) {
    SHARED_ARRAY(float, tile, [64]);
    tile[threadIdx.x] = float(threadIdx.x);
    y[threadIdx.x] = tile[(threadIdx.x + 1) % 64];
}

// The barrier before the tile is written again is missing.
extern "C" __global__ void missing_barrier_before_reuse(float* y) {
    SHARED_ARRAY(float, tile, [64]);
    for (int round = 0; round < 2; round++) {
        tile[threadIdx.x] = float(threadIdx.x + round);
        __syncthreads();
        y[round * 64 + threadIdx.x] = tile[63 - threadIdx.x];
    }
}

extern "C" __global__ void divergent_barrier(float* y) {
    if (threadIdx.x < 32) {
        __syncthreads();
    }
    y[threadIdx.x] = 1.f;
}

extern "C" __global__ void return_before_barrier(float* y, int n) {
    if (int(threadIdx.x) >= n) {
        return;
    }
    y[threadIdx.x] = 1.f;
    __syncthreads();
}

extern "C" __global__ void divergent_shuffle(float* y) {
    float value = float(threadIdx.x);
    if (threadIdx.x < 16) {
        value = __shfl_xor_sync(FULL_WARP, value, 1);
    }
    y[threadIdx.x] = value;
}

extern "C" __global__ void undefined_shared(float* y) {
    SHARED_ARRAY(float, tile, [64]);
    if (threadIdx.x < 32) {
        tile[threadIdx.x] = 1.f;
    }
    __syncthreads();
    y[threadIdx.x] = tile[threadIdx.x];
}

extern "C" __global__ void past_shared(float* y) {
    DYNAMIC_SHARED(bytes);
    float* tile = reinterpret_cast<float*>(bytes);
    tile[threadIdx.x] = 1.f;
    y[threadIdx.x] = 1.f;
}

// Reads the copied bytes before waiting for them.
extern "C" __global__ void unfinished_copy(float* y, const float* x) {
    SHARED_ARRAY(float, tile, [128]);
    cp_async16(tile + threadIdx.x * 4, x + threadIdx.x * 4);
    cp_async_commit();
    __syncthreads();
    y[threadIdx.x] = tile[threadIdx.x * 4];
}

extern "C" __global__ void misaligned_copy(float* y, const float* x) {
    SHARED_ARRAY(float, tile, [128]);
    cp_async16(tile, x + 1);
    cp_async_commit();
    cp_async_wait<0>();
    y[threadIdx.x] = tile[0];
}

extern "C" __global__ void __launch_bounds__(64) bounded(float* y) {
    y[threadIdx.x] = 1.f;
}
