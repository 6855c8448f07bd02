// What every kernel is written in: CUDA C++ plus the few names below. nvcc supplies the language itself; a build by any other compiler
// must supply the same language in <emulated_cuda.h> (the test suite has one), so that identical kernel sources run without a GPU.
//
// Conventions of all kernels
//   * `extern "C" __global__ void [__launch_bounds__(n)] name(...)`, outputs first, then inputs, then sizes; plain pointers and scalars only.
//   * one file an operation family, forward and backward together; the file's head states formula, what is saved, determinism, limits and
//     the launch contract (grid, block, dynamic shared bytes, arguments).
//   * element types: float and bf16 (common/bfloat16.cuh); suffixes _f32 and _bf16 in kernel names. Arithmetic is float32.
//   * element indices and products of sizes are int64_t.
//   * no return before a barrier; every warp-wide operation is reached by all 32 lanes.
//   * inline PTX only in the wrappers of common/, each with a host version beside it.
#pragma once
#include <cstdint>

#ifdef __CUDACC__
// SHARED_ARRAY(float, tile, [32][33]): a statically sized array in shared memory, 16-byte aligned.
#define SHARED_ARRAY(type, name, extents) __shared__ __align__(16) type name extents
// DYNAMIC_SHARED(bytes): the shared memory asked for at launch, as an array of bytes, 128-byte aligned. One per kernel.
#define DYNAMIC_SHARED(name) extern __shared__ __align__(128) unsigned char name[]
#define FULL_WARP 0xFFFFFFFFu
#else
#include <emulated_cuda.h> // defines SHARED_ARRAY, DYNAMIC_SHARED and FULL_WARP too
#endif

#define DEVICE __device__ __forceinline__

constexpr int kWarpSize = 32;

// Position in a one-dimensional launch, and its stride, for loops over all elements with any grid.
DEVICE int64_t global_index() { return int64_t(blockIdx.x) * blockDim.x + threadIdx.x; }
DEVICE int64_t global_stride() { return int64_t(gridDim.x) * blockDim.x; }

DEVICE int lane_index() { return threadIdx.x % kWarpSize; }
DEVICE int warp_index() { return threadIdx.x / kWarpSize; }

__host__ __device__ constexpr int ceil_div(int a, int b) { return (a + b - 1) / b; }

DEVICE bool is_aligned16(const void* p) { return (reinterpret_cast<uintptr_t>(p) & 15) == 0; }
