// Barriers in shared memory that count arrivals of threads and bytes of asynchronous copies (sm_90). A barrier goes through phases 0, 1, 2, …;
// a phase completes when as many threads have arrived as mbarrier_init said and every expected byte has been written. Whoever waits names
// the parity of the phase whose completion it wants to see, so that waiting for parity 1 on a fresh barrier does not wait.
#pragma once
#include "platform.cuh"

// 8 bytes of shared memory, 8-byte aligned, which only the functions below touch.
using mbarrier = uint64_t;

#ifdef __CUDACC__
DEVICE uint32_t shared_address(const void* shared) { return uint32_t(__cvta_generic_to_shared(shared)); }
#else
DEVICE uint32_t shared_address(const void* shared) { return emulated::shared_address(shared); }
#endif

// By one thread; the others see the barrier after a block barrier, asynchronous copies after mbarrier_fence_init.
DEVICE void mbarrier_init(mbarrier* barrier, uint32_t arrivals) {
#ifdef __CUDACC__
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(arrivals) : "memory");
#else
    emulated::mbarrier_init(barrier, arrivals);
#endif
}

// Shows the barriers that this thread initialised to asynchronous copies.
DEVICE void mbarrier_fence_init() {
#ifdef __CUDACC__
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
#else
    emulated::mbarrier_fence_init();
#endif
}

DEVICE void mbarrier_arrive(mbarrier* barrier) {
#ifdef __CUDACC__
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier)) : "memory");
#else
    emulated::mbarrier_arrive(barrier, 0);
#endif
}

// Arrives, and makes the phase wait for `bytes` more bytes of asynchronous copies.
DEVICE void mbarrier_arrive_expect_bytes(mbarrier* barrier, uint32_t bytes) {
#ifdef __CUDACC__
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)), "r"(bytes) : "memory");
#else
    emulated::mbarrier_arrive(barrier, bytes);
#endif
}

// Waits until the latest phase of this parity has completed. A phase that cannot complete is a mistake of the kernel: two seconds after the first
// try it traps, because an error with a name is better than a card that hangs. The bound is time and not a number of tries, since the hardware may
// suspend each try for as long as it likes. (One piece of assembly, since a loop in the language makes the compiler wait for all products under way
// before it.)
DEVICE void mbarrier_wait(mbarrier* barrier, uint32_t parity) {
#ifdef __CUDACC__
    asm volatile("{\n"
                 ".reg .pred over;\n"
                 ".reg .u64 start, time;\n"
                 "mbarrier.try_wait.parity.shared::cta.b64 over, [%0], %1;\n"
                 "@over bra completed;\n"
                 "mov.u64 start, %%globaltimer;\n"
                 "again:\n"
                 "mbarrier.try_wait.parity.shared::cta.b64 over, [%0], %1;\n"
                 "@over bra completed;\n"
                 "mov.u64 time, %%globaltimer;\n"
                 "sub.u64 time, time, start;\n"
                 "setp.lt.u64 over, time, 2000000000;\n"
                 "@over bra again;\n"
                 "trap;\n"
                 "completed:\n"
                 "}" ::"r"(shared_address(barrier)),
                 "r"(parity)
                 : "memory");
#else
    emulated::mbarrier_wait(barrier, parity);
#endif
}
