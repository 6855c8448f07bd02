// A tile of 8-bit inputs on its way through Bᵀ d B back to 8 bits, by numbers of 16 bits: a vector holds twice the channels that it holds in float32.
//
// Every row of Bᵀ is divided by a number that leaves no coefficient above 1 (kRowScales); the steps of the results make up for it. Numbers count 1/32 of a step of
// the inputs: whatever these are, none exceeds 816 steps, for a row's coefficients of either sign add up to 1.67 at most, and those of two rows' products to 3.2.
// A product is rounded to the next number: an error of about 0.03 steps in the end, where rounding the inputs made one of about 0.5.
#pragma once

#include "rounding.h"
#include "winograd_transforms.h"

namespace diffusionad::LOOPS_ISA {
namespace {

typedef int16_t Shorts __attribute__((vector_size(kLanes * 4)));
typedef uint8_t Quarters __attribute__((vector_size(kLanes * 4)));

constexpr int kStepsOfOne = 32;
constexpr int kGroup = 4 * kLanes;  // channels: a vector of bytes, two of 16 bits
constexpr float kSum = kA2 + kB2, kProduct = kA2 * kB2;
constexpr float kRowScales[kInputs] = {kSum, kB2, kB2, kB, kB, kSum};

/** v · factor, rounded to the next number. */
inline Shorts multiply(Shorts v, int16_t factor) {
#if defined(__AVX512F__)
  return reinterpret_cast<Shorts>(_mm512_mulhrs_epi16(reinterpret_cast<__m512i>(v), _mm512_set1_epi16(factor)));
#elif defined(__AVX2__)
  return reinterpret_cast<Shorts>(_mm256_mulhrs_epi16(reinterpret_cast<__m256i>(v), _mm256_set1_epi16(factor)));
#else
  typedef int32_t Products __attribute__((vector_size(kLanes * 8)));
  return __builtin_convertvector((__builtin_convertvector(v, Products) * factor + (1 << 14)) >> 15, Shorts);
#endif
}

/** `factor`, up to 1, as multiply takes it. */
constexpr int16_t fixed(float factor) { return int16_t(factor * 32768.0f + 0.5f); }

/** One half of a group, less the zero point, in numbers of 16 bits. */
template <int Half>
inline Shorts halfOf(Quarters bytes, Quarters zeroPoint) {
#if defined(__AVX512F__)
  const __m512i x = reinterpret_cast<__m512i>(bytes), zero = reinterpret_cast<__m512i>(zeroPoint);
  const __m512i pairs = Half == 0 ? _mm512_unpacklo_epi8(zero, x) : _mm512_unpackhi_epi8(zero, x);
  return reinterpret_cast<Shorts>(_mm512_maddubs_epi16(pairs, _mm512_set1_epi16(kStepsOfOne * 256 + (256 - kStepsOfOne))));
#elif defined(__AVX2__)
  const __m256i x = reinterpret_cast<__m256i>(bytes), zero = reinterpret_cast<__m256i>(zeroPoint);
  const __m256i pairs = Half == 0 ? _mm256_unpacklo_epi8(zero, x) : _mm256_unpackhi_epi8(zero, x);
  return reinterpret_cast<Shorts>(_mm256_maddubs_epi16(pairs, _mm256_set1_epi16(kStepsOfOne * 256 + (256 - kStepsOfOne))));
#else
  typedef uint8_t HalfBytes __attribute__((vector_size(kLanes * 2)));
  HalfBytes x, zero;
  std::memcpy(&x, reinterpret_cast<const char*>(&bytes) + Half * sizeof x, sizeof x);
  std::memcpy(&zero, &zeroPoint, sizeof zero);
  return (__builtin_convertvector(x, Shorts) - __builtin_convertvector(zero, Shorts)) * int16_t(kStepsOfOne);
#endif
}

/** The bytes of two halves of up to +-127, kMiddle too large. */
inline Quarters bytesOfHalves(Shorts first, Shorts second) {
#if defined(__AVX512F__)
  return reinterpret_cast<Quarters>(_mm512_packs_epi16(reinterpret_cast<__m512i>(first), reinterpret_cast<__m512i>(second))) ^ uint8_t(kMiddle);
#elif defined(__AVX2__)
  return reinterpret_cast<Quarters>(_mm256_packs_epi16(reinterpret_cast<__m256i>(first), reinterpret_cast<__m256i>(second))) ^ uint8_t(kMiddle);
#else
  Quarters bytes;
  for (int i = 0; i < kGroup / 2; i++) {
    bytes[i] = uint8_t(first[i] + kMiddle);
    bytes[kGroup / 2 + i] = uint8_t(second[i] + kMiddle);
  }
  return bytes;
#endif
}

/** Bᵀ, its rows divided by kRowScales, applied to v[0], v[Step], … v[5·Step]. */
template <int Step>
inline __attribute__((always_inline)) void transformInput(Shorts* v) {
  const Shorts d0 = v[0], d1 = v[Step], d2 = v[2 * Step], d3 = v[3 * Step], d4 = v[4 * Step], d5 = v[5 * Step];
  const Shorts evenA = multiply(d4, fixed(1 / kB2)) - d2, oddA = multiply(d3, fixed(kA / kB2)) - multiply(d1, fixed(kA));
  const Shorts evenB = multiply(d4, fixed(1 / kB)) - multiply(d2, fixed(kA2 / kB)), oddB = d3 - multiply(d1, fixed(kA2));
  v[0] = multiply(d0, fixed(kProduct / kSum)) + multiply(d4, fixed(1 / kSum)) - d2;
  v[Step] = evenA + oddA;
  v[2 * Step] = evenA - oddA;
  v[3 * Step] = evenB + oddB;
  v[4 * Step] = evenB - oddB;
  v[5 * Step] = multiply(d1, fixed(kProduct / kSum)) + multiply(d5, fixed(1 / kSum)) - d3;
}

/** A tile's transformed inputs: gathered with the greatest magnitude at every point, then rounded. */
class RoundedTile {
 public:
  /** Words of memory for `channels` channels. */
  static int64_t words(int channels) { return kPoints * stride(channels) / 2; }

  RoundedTile(uint32_t* memory, int channels) : rows_(reinterpret_cast<int16_t*>(memory)), stride_(stride(channels)), channels_(channels) {}

  /** Takes the 6x6 pixels that the tile reads. */
  void transform(const uint8_t* const* pixels, int zeroPoint) {
    const Quarters zeros = uint8_t(zeroPoint) - Quarters{};
    for (int64_t c = 0; c < channels_; c += kGroup) {
      prefetchNextTile<kInputs>(pixels, c, channels_);
      const int count = channels_ - c < kGroup ? int(channels_ - c) : kGroup;
      transformHalf<0>(pixels, c, count, zeros);
      transformHalf<1>(pixels, c, count, zeros);
    }
  }

  /** Writes the words of every point, apart by `stride`, and its step, for inputs counted in `scale`. */
  void finish(uint32_t* words, int64_t stride, float* steps, float scale) const {
    int16_t factors[kVectors * kLanes];
    for (int i = 0; i < kVectors; i++) {
      Floats vectors[kLanes];
      for (int lane = 0; lane < kLanes; lane++) vectors[lane] = greatestOfPairs(greatest_[i * kLanes + lane]);
      transpose(vectors);
      Floats greatest = vectors[0];
      for (int lane = 1; lane < kLanes; lane++) greatest = larger(greatest, vectors[lane]);
      const Ints factor = __builtin_convertvector(atMost(kMostOfInput * 32768.0f / greatest, 32767.0f), Ints);
      float step[kLanes];
      store(step, (32768.0f / kStepsOfOne * scale) / __builtin_convertvector(factor, Floats), Full{});
      for (int lane = 0; lane < kLanes && i * kLanes + lane < kPoints; lane++) {
        const int point = i * kLanes + lane;
        factors[point] = int16_t(factor[lane]);
        steps[point] = step[lane] * (kRowScales[point / kInputs] * kRowScales[point % kInputs]);
      }
    }
    for (int point = 0; point < kPoints; point++) {
      const int16_t* row = rows_ + point * stride_;
      uint8_t* to = reinterpret_cast<uint8_t*>(words + point * stride);
      for (int64_t c = 0; c < channels_; c += kGroup) {
        const Quarters bytes = bytesOfHalves(multiply(load(row + c), factors[point]), multiply(load(row + c + kGroup / 2), factors[point]));
        if (c + kGroup <= channels_) {
          std::memcpy(to + c, &bytes, sizeof bytes);
        } else {
          std::memcpy(to + c, &bytes, (channels_ - c + 3) / 4 * 4);  // to the end of a word
        }
      }
    }
  }

 private:
  static constexpr int kVectors = (kPoints + kLanes - 1) / kLanes;

  static int64_t stride(int channels) { return (channels + kGroup - 1) / kGroup * kGroup + 2 * kLine; }

  static Shorts load(const int16_t* p) {
    Shorts v;
    std::memcpy(&v, p, sizeof v);
    return v;
  }

  /** The first `count` channels of a group; the zero point in place of the others. */
  static Quarters bytesAt(const uint8_t* p, int count, Quarters zeroPoint) {
    Quarters bytes = zeroPoint;
#if defined(__AVX512F__)
    if (count < kGroup) return reinterpret_cast<Quarters>(_mm512_mask_loadu_epi8(reinterpret_cast<__m512i>(zeroPoint), (uint64_t(1) << count) - 1, p));
#else
    if (count < kGroup) {
      std::memcpy(&bytes, p, count);
      return bytes;
    }
#endif
    std::memcpy(&bytes, p, sizeof bytes);
    return bytes;
  }

  template <int Half>
  void transformHalf(const uint8_t* const* pixels, int64_t c, int count, Quarters zeroPoint) {
    Shorts v[kPoints];
    for (int s = 0; s < kInputs; s++) {
      Shorts column[kInputs];
      for (int r = 0; r < kInputs; r++) column[r] = halfOf<Half>(bytesAt(pixels[r * kInputs + s] + c, count, zeroPoint), zeroPoint);
      transformInput<1>(column);
      for (int r = 0; r < kInputs; r++) v[r * kInputs + s] = column[r];
    }
    for (int r = 0; r < kInputs; r++) {
      transformInput<1>(v + r * kInputs);
      for (int s = 0; s < kInputs; s++) {
        const int point = r * kInputs + s;
        const Shorts value = v[point], size = value < 0 ? -value : value;
        std::memcpy(rows_ + point * stride_ + c + Half * kGroup / 2, &value, sizeof value);
        greatest_[point] = size > greatest_[point] ? size : greatest_[point];
      }
    }
  }

  static Floats greatestOfPairs(Shorts v) {
    const Words pairs = reinterpret_cast<Words>(v);
    return larger(__builtin_convertvector(reinterpret_cast<Ints>(pairs & 0xFFFFu), Floats), __builtin_convertvector(reinterpret_cast<Ints>(pairs >> 16), Floats));
  }

  int16_t* rows_;
  int64_t stride_;
  int channels_;
  Shorts greatest_[kVectors * kLanes] = {};
};

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
