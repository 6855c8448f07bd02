// Tiles of tensors moved by the copy engine of sm_90 (TMA): one thread names a tensor map and coordinates, the hardware computes addresses,
// fills what lies outside of the tensor with zeros, swizzles, and reports the bytes to an mbarrier.
//
// The maps that kernels here are given hold tiles whose rows are 128 bytes, swizzled by 128 bytes: within 1024 bytes (eight rows) the 16-byte
// chunk j of row i lies at chunk j ^ i. Tiles therefore start at multiples of 1024 bytes of shared memory.
#pragma once
#include "mbarrier.cuh"

// What cuTensorMapEncodeTiled wrote: opaque. Kernels receive it inside a __grid_constant__ parameter.
struct alignas(128) TensorMap {
    uint64_t opaque[16];
};

constexpr int kSwizzleAtom = 1024;

// The first address from `shared` on where a swizzled tile may start.
DEVICE unsigned char* align_to_swizzle_atom(unsigned char* shared) {
    return shared + ((kSwizzleAtom - shared_address(shared) % kSwizzleAtom) % kSwizzleAtom);
}

// Starts the copy of the box whose first element lies at the coordinates (innermost dimension first; negative ones lie outside) to `tile`.
// `full` receives the bytes of the whole box, zeros included. Nobody may read the tile before the phase of `full` has completed.
DEVICE void tensor_load_3d(void* tile, const TensorMap* map, mbarrier* full, int32_t c0, int32_t c1, int32_t c2) {
#ifdef __CUDACC__
    asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], [%2];" ::"r"(
                     shared_address(tile)),
                 "l"(map), "r"(shared_address(full)), "r"(c0), "r"(c1), "r"(c2)
                 : "memory");
#else
    const int32_t at[3] = {c0, c1, c2};
    emulated::tensor_load(tile, map, full, at, 3);
#endif
}

DEVICE void tensor_load_4d(void* tile, const TensorMap* map, mbarrier* full, int32_t c0, int32_t c1, int32_t c2, int32_t c3) {
#ifdef __CUDACC__
    asm volatile("cp.async.bulk.tensor.4d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5, %6}], [%2];" ::"r"(
                     shared_address(tile)),
                 "l"(map), "r"(shared_address(full)), "r"(c0), "r"(c1), "r"(c2), "r"(c3)
                 : "memory");
#else
    const int32_t at[4] = {c0, c1, c2, c3};
    emulated::tensor_load(tile, map, full, at, 4);
#endif
}
