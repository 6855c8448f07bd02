// Judges single memory accesses of kernels.
#pragma once
#include <cstdint>

namespace emulated {

// Whether this build sees every access of kernel code, and so knows what is defined and who races.
#ifdef EMULATOR_CHECKED
constexpr bool kChecked = true;
#else
constexpr bool kChecked = false;
#endif

// Faults unless the running thread may read (or write) these bytes. In the checked build the compiler calls it for every access of
// kernel code; in every build the emulated instructions call it for theirs.
void check_access(uintptr_t address, unsigned bytes, bool is_write);

} // namespace emulated
