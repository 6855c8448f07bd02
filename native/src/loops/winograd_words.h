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

/** A tile's transformed inputs on their way to 8 bits: gathered in float32 with the greatest magnitude at every point, then rounded. */
class RoundedTile {
 public:
  /** Floats of memory for `channels` channels. */
  static int64_t memory(int channels) { return kPoints * stride(channels); }

  RoundedTile(float* memory, int channels) : rows_(memory), stride_(stride(channels)) {
    for (Floats& g : greatest_) g = Floats{};
  }

  /** Takes a point of a vector of channels, zero beyond the last. */
  void add(int point, int64_t channel, Floats v) {
    store(rows_ + point * stride_ + channel, v, Full{});
    greatest_[point] = larger(greatest_[point], magnitude(v));
  }

  /** Writes the words of every point, apart by `stride`, and its step, for values counted in `scale`. */
  void finish(uint32_t* words, int64_t stride, float* steps, int channels, float scale) {
    float inverse[kVectors * kLanes];
    for (int i = 0; i < kVectors; i++) {
      Floats* vectors = greatest_ + i * kLanes;
      transpose(vectors);
      Floats greatest = vectors[0];
      for (int lane = 1; lane < kLanes; lane++) greatest = larger(greatest, vectors[lane]);
      const Floats step = stepOf(greatest, kMostOfInput);
      store(inverse + i * kLanes, 1.0f / step, Full{});
      storeSome(steps + i * kLanes, step * scale, kPoints - i * kLanes);
    }
    for (int point = 0; point < kPoints; point++) {
      const float* row = rows_ + point * stride_;
      uint8_t* to = reinterpret_cast<uint8_t*>(words + point * stride);
      forVectorGroups<4>(channels, [&](int64_t c, auto lanes, auto group) {
        Floats v[decltype(group)::value];
        for (int i = 0; i < decltype(group)::value; i++) v[i] = load(row + c + i * kLanes, Full{});
        storeInputs(to + c, v, broadcast(inverse[point]), lanes);
      });
    }
  }

 private:
  static constexpr int kVectors = (kPoints + kLanes - 1) / kLanes;

  static int64_t stride(int channels) { return (channels + kLine - 1) / kLine * kLine + kLine; }
  static void storeSome(float* p, Floats v, int count) { count < kLanes ? store(p, v, Part{count}) : store(p, v, Full{}); }
  float* rows_;
  int64_t stride_;
  Floats greatest_[kVectors * kLanes];
};

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
