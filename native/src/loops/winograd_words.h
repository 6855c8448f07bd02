// How Winograd's algorithm holds what it transformed for the products of one point: words of 4 bytes, each one step of a sum in float32, two in bfloat16 or
// four in 8 bits.
//
// In 8 bits inputs are rounded by tile and point, weights by point and output channel, each to the greatest magnitude among the channels that are summed: the
// points differ by orders of magnitude, and what a defect drives up in one tile leaves the others as fine as they were. (Rounding after the transforms, by
// ranges measured before, is from Li et al., "LoWino: Towards Efficient Low-Precision Winograd Convolutions on Modern CPUs", 2021; ranges of the tile at hand
// need no measurement and err by a third less.)
#pragma once

#include "rounding.h"
#include "winograd_transforms.h"

namespace diffusionad::LOOPS_ISA {
namespace {

struct FloatWords {
  using Step = FloatStep;
  static constexpr int kSteps = 1;
  static constexpr bool kRounded = false;

  static void storeSteps(float* words, const Floats* steps) { store(words, steps[0], Full{}); }
  template <class Lanes>
  static void storeChannels(float* words, int64_t channel, Floats v, Lanes lanes) {
    store(words + channel, v, lanes);
  }
};

#if defined(__AVX512BF16__)
/** The earlier step in the lower half. */
struct PairWords {
  using Step = PairStep;
  static constexpr int kSteps = 2;
  static constexpr bool kRounded = false;

  static void storeSteps(uint32_t* words, const Floats* steps) {
    const Words low = __builtin_convertvector(narrow(steps[0]), Words), high = __builtin_convertvector(narrow(steps[1]), Words);
    const Words pair = low | (high << 16);
    std::memcpy(words, &pair, sizeof pair);
  }
  static void storeChannels(uint32_t* words, int64_t channel, Floats v, Full lanes) { store(reinterpret_cast<Bfloat16*>(words) + channel, v, lanes); }
  /** An odd last channel shares its word with a zero: v is zero where its channels end. */
  static void storeChannels(uint32_t* words, int64_t channel, Floats v, Part lanes) {
    store(reinterpret_cast<Bfloat16*>(words) + channel, v, Part{(lanes.count + 1) / 2 * 2});
  }
};
#endif

/** The earliest step in the lowest byte; inputs are unsigned, kMiddle too large (rounding.h). */
struct QuadWords {
  using Step = QuadStep;
  static constexpr int kSteps = 4;
  static constexpr bool kRounded = true;
};

/** How what comes from tensors of X and Y is multiplied. */
template <class X, class Y>
struct Products {
  using Held = FloatWords;
};
#if defined(__AVX512BF16__)
template <>
struct Products<Bfloat16, Bfloat16> {
  using Held = PairWords;
};
#endif
template <class Y>
struct Products<uint8_t, Y> {
  using Held = QuadWords;
};

/** Stores weights for a vector of output channels. */
template <class Held>
struct WeightWriter {
  WeightWriter(const WinogradConvolution&, int) {}
  void operator()(typename Held::Step::Element* words, int, const Floats* steps) const { Held::storeSteps(words, steps); }
};

template <>
struct WeightWriter<QuadWords> {
  const float* inverses;
  int64_t stride;

  WeightWriter(const WinogradConvolution& a, int k) : inverses(a.weightSteps.inverses + k), stride(a.weightSteps.stride) {}
  /** One word for four input channels. */
  Words word(int point, const Floats* steps) const { return roundedQuad(steps, load(inverses + point * stride, Full{})); }
  void operator()(uint32_t* words, int point, const Floats* steps) const {
    const Words quad = word(point, steps);
    std::memcpy(words, &quad, sizeof quad);
  }
};

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
