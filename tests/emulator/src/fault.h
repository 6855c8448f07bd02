// How every check reports: one line on stderr that names kernel, block and thread, and the CUDA status that the driver call returns.
#pragma once
#include "driver_types.h"

namespace emulated {

// Ends the running launch with `status`. Called from kernel code only.
[[noreturn]] __attribute__((format(printf, 2, 3))) void fault(CUresult status, const char* format, ...);

// Prints "emulated CUDA: ..." and returns `status`: for host-side mistakes.
__attribute__((format(printf, 2, 3))) CUresult report(CUresult status, const char* format, ...);

} // namespace emulated
