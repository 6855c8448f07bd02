#include "filters.h"

#include <cstring>

namespace diffusionad {
namespace {

/** The largest exponent there is belongs to infinities and NaN. */
bool areFinite(const float* x, int64_t count) {
  constexpr uint32_t kExponent = 0x7f800000;
  uint32_t found = 0;
  for (int64_t i = 0; i < count; i++) {
    uint32_t bits;
    std::memcpy(&bits, x + i, sizeof bits);
    found |= (bits & kExponent) == kExponent;
  }
  return found == 0;
}

}  // namespace

bool storeFilters(float* y, const float* x, int64_t filters, int64_t channels, int64_t taps) {
  bool finite = true;
  const int64_t length = channels * taps;
  for (int64_t k = 0; k < filters; k++, x += length, y += length) {
    for (int64_t tap = 0; tap < taps; tap++) {
      for (int64_t c = 0; c < channels; c++) y[tap * channels + c] = x[c * taps + tap];
    }
    finite &= areFinite(x, length);
  }
  return finite;
}

}  // namespace diffusionad
