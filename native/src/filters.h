// Filters as checkpoints hold them, (K, C, taps), into the order of the operations, (K, taps, C).
#pragma once

#include <cstdint>

namespace diffusionad {

/** Returns whether every value is finite; writes all of them either way. */
bool storeFilters(float* y, const float* x, int64_t filters, int64_t channels, int64_t taps);

}  // namespace diffusionad
