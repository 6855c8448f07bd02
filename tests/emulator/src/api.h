// What all entry points share: one lock (the emulation runs one call at a time), initialisation, and the broken-context rule.
#pragma once
#include "driver_types.h"
#include "fault.h"
#include "stream.h"

#include <mutex>

#define DRIVER_API extern "C" __attribute__((visibility("default"))) CUresult

namespace emulated {

std::mutex& api_lock();
bool initialised();
// The context that is current in this thread, or 0.
uintptr_t current_context();

// Why a call that needs a context cannot run, or success.
inline CUresult context_status() {
    return !initialised()             ? report(CUDA_ERROR_NOT_INITIALIZED, "a call before cuInit")
         : current_context() == 0     ? report(CUDA_ERROR_INVALID_CONTEXT, "no context is current in this thread")
                                      : sticky();
}

} // namespace emulated

// Opens every entry point: takes the lock, and returns early when the context is missing or broken.
#define LOCKED const std::lock_guard<std::mutex> lock(emulated::api_lock())
#define REQUIRE_CONTEXT                                                                \
    LOCKED;                                                                            \
    if (const CUresult status = emulated::context_status(); status != CUDA_SUCCESS) { \
        return status;                                                                 \
    }
