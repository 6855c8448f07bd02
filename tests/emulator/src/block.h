// Runs a launch: blocks one after another, the threads of a block as fibers, in an order drawn from EMULATOR_SEED.
//
// A thread that never waits runs straight on the scheduler's current fiber and costs no switch: fibers come into being only as threads
// wait for each other. A round in which no thread can go on means that some barrier is not reached by all: an error, not a hang.
#pragma once
#include "driver_types.h"
#include "emulated_cuda.h"
#include "fiber.h"

#include <vector>

namespace emulated {

// A kernel by name: how to call it with packed parameters, and the limits that its declaration states.
struct Kernel {
    const char* name;
    void (*invoke)(void* const* parameters);
    std::vector<size_t> parameter_bytes;
    int max_threads; // from __launch_bounds__, else 1024
    // Set through cuFuncSetAttribute, or learned when the kernel ran.
    int max_dynamic_shared = 48 << 10;
    size_t static_shared = 0;
};

struct Launch {
    Kernel* kernel;
    dim3 grid, block;
    size_t dynamic_shared;
    void* const* parameters;
};

// Runs the whole launch; the first fault ends it.
CUresult run(const Launch& launch);

struct AsyncCopy {
    unsigned char* shared;
    const void* global; // null writes zeros
    int bytes;
    int group;
};

enum class ThreadState : uint8_t { kNotStarted, kRunning, kAtBarrier, kAtWarp, kAtMbarrier, kAtWarpgroup, kDone };

struct Thread {
    uint3 index;
    int linear;
    int position; // in its warp, as threads start
    ThreadState state;
    Fiber* fiber;
    const char* file; // where it waits
    int line;
    int predicate; // of a barrier with a vote; the vote's result after it
    int open_group; // cp.async: number of the group being filled
    std::vector<AsyncCopy> copies;
};

// The thread that is running, or null outside kernels.
Thread* current_thread();
// Suspends the running thread until somebody wakes it.
void suspend(ThreadState state, const char* file, int line);
void wake(const Thread& thread);
// Where the threads' stacks lie.
uintptr_t stacks_begin();
uintptr_t stacks_size();

} // namespace emulated
