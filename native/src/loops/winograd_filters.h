// Transformed weights of Winograd's algorithm, from their plain values.
#pragma once

#include "winograd_transforms.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kAhead = 32;  // how far ahead of its reads a row of weights is asked for: two cache lines

/** G g Gᵀ of kLanes input by kLanes output channels; zero beyond the last of either. */
class Filters {
 public:
  Filters(const WinogradConvolution& a, int c0, int k0) {
    const int64_t filter = int64_t(kTaps) * a.weightChannels;
    const int inputs = a.c - c0 < kLanes ? a.c - c0 : kLanes, outputs = a.k - k0 < kLanes ? a.k - k0 : kLanes;
    const int rows = a.transposed ? inputs : outputs, columns = a.transposed ? outputs : inputs;
    for (int tap = 0; tap < kTaps; tap++) {
      const float* from = a.transposed ? a.weight + c0 * filter + (kTaps - 1 - tap) * a.weightChannels + k0 : a.weight + k0 * filter + tap * a.weightChannels + c0;
      for (int i = 0; i < kLanes; i++) {
        prefetch(from + kAhead);
        taps_[tap][i] = i < rows ? loadFew(from, columns) : Floats{};
        from += i + 1 < rows ? filter : 0;
      }
      if (!a.transposed) transpose(taps_[tap]);
    }
  }

  /** Of `Steps` inputs, point by point and input by input. */
  template <int Steps>
  void transformed(Floats (*points)[Steps], int input) const {
    for (int step = 0; step < Steps; step++) {
      Floats g[kTaps], rows[3 * kInputs];
      for (int tap = 0; tap < kTaps; tap++) g[tap] = taps_[tap][input + step];
      for (int s = 0; s < 3; s++) transformWeights<3, 3>(rows + s, g + s);
      for (int r = 0; r < kInputs; r++) transformWeights<1, Steps>(points[r * kInputs] + step, rows + r * 3);
    }
  }

 private:
  Floats taps_[kTaps][kLanes];  // by input, a vector of outputs
};

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
