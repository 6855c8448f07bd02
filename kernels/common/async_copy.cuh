// cp.async: 16 bytes from global to shared memory past the registers, completed in groups. Before sm_80 the copy is an ordinary one.
#pragma once
#include "platform.cuh"

// Both addresses are 16-byte aligned. Where `valid` is false the 16 bytes become zero and `global` is not read.
DEVICE void cp_async16(void* shared, const void* global, bool valid = true) {
#ifdef __CUDACC__
#if __CUDA_ARCH__ >= 800
    const uint32_t target = uint32_t(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(target), "l"(global), "r"(valid ? 16 : 0) : "memory");
#else
    *static_cast<uint4*>(shared) = valid ? *static_cast<const uint4*>(global) : make_uint4(0, 0, 0, 0);
#endif
#else
    emulated::async_copy(shared, global, 16, valid);
#endif
}

// Closes the group of the copies that this thread issued since the last commit.
DEVICE void cp_async_commit() {
#ifdef __CUDACC__
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
#else
    emulated::async_commit();
#endif
}

// Waits until at most `Pending` of this thread's newest groups are unfinished. Other threads see the data after a barrier.
template <int Pending> DEVICE void cp_async_wait() {
#ifdef __CUDACC__
#if __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#endif
#else
    emulated::async_wait(Pending);
#endif
}
