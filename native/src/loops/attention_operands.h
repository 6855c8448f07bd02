// How tiles of queries, keys, values and scores lie in memory for products: float32, or pairs of bfloat16 where the processor multiplies those.
//
// A left operand has its rows one after the other; a right operand is laid out step by step of the inner dimension. What exceeds the tile is zero.
#pragma once

#include "tile_product.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kTile = 64;  // queries and keys a tile

inline int roundUp(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

template <class T>
struct FloatOperands {
  using Step = FloatStep;
  using Element = float;

  static int steps(int inner) { return inner; }
  /** Elements of a left or right operand of kTile rows and d columns. */
  static int64_t size(int d) { return int64_t(kTile) * roundUp(d); }
  static int64_t leftStride(int d) { return roundUp(d); }

  /** rows x d, the inner dimension being d. */
  static void packLeft(float* out, const T* in, int64_t stride, int rows, int d) {
    const int width = roundUp(d);
    for (int i = 0; i < rows; i++) {
      forVectors(d, [&](int64_t e, auto lanes) { store(out + i * width + e, load(in + i * stride + e, lanes), lanes); });
    }
  }

  /** The transpose of rows x d: the inner dimension is d, a step has kTile elements. */
  static void packTransposed(float* out, const T* in, int64_t stride, int rows, int d) {
    for (int i = 0; i < kTile; i++) {
      forVectors(d, [&](int64_t e, auto lanes) {
        float values[kLanes];
        store(values, i < rows ? load(in + i * stride + e, lanes) : Floats{}, Full{});
        for (int l = 0; l < kLanes && e + l < d; l++) out[(e + l) * kTile + i] = values[l];
      });
    }
  }

  /** rows x d as a right operand: the inner dimension is the rows, a step has roundUp(d) elements. */
  static void packRight(float* out, const T* in, int64_t stride, int rows, int d) {
    const int width = roundUp(d);
    for (int i = 0; i < rows; i++) {
      for (int e = d; e < width; e++) out[i * width + e] = 0;
      forVectors(d, [&](int64_t e, auto lanes) { store(out + i * width + e, load(in + i * stride + e, lanes), lanes); });
    }
  }

  /** Scores as they are: rows of kTile. */
  static const float* leftOf(float*, const float* scores, int) { return scores; }
  static constexpr int64_t kScoreStride = kTile;
  /** Scores read down their columns. */
  static const float* transposedOf(float*, const float* scores, int) { return scores; }
};

#if defined(__AVX512BF16__)
struct PairOperands {
  using Step = PairStep;
  using Element = uint32_t;

  static int steps(int inner) { return (inner + 1) / 2; }
  static int64_t size(int d) { return int64_t(kTile) * roundUp(d) / 2 + kTile; }
  static int64_t leftStride(int d) { return steps(d); }

  static void packLeft(uint32_t* out, const Bfloat16* in, int64_t stride, int rows, int d) {
    for (int i = 0; i < rows; i++) {
      uint32_t* to = out + int64_t(i) * steps(d);
      to[steps(d) - 1] = 0;  // the last pair may be half a one
      std::memcpy(to, in + i * stride, d * sizeof(Bfloat16));
    }
  }

  static void packTransposed(uint32_t* out, const Bfloat16* in, int64_t stride, int rows, int d) {
    for (int i = 0; i < kTile; i++) {
      const Bfloat16* from = in + i * stride;
      for (int e = 0; e < d; e += 2) {
        const uint32_t low = i < rows ? from[e].bits : 0, high = i < rows && e + 1 < d ? from[e + 1].bits : 0;
        out[e / 2 * kTile + i] = low | high << 16;
      }
    }
  }

  static void packRight(uint32_t* out, const Bfloat16* in, int64_t stride, int rows, int d) {
    const int width = roundUp(d);
    for (int i = 0; i < rows; i += 2) {
      for (int e = 0; e < width; e += kLanes) {
        const Words pairs = bits(in + i * stride, e, d) | (i + 1 < rows ? bits(in + (i + 1) * stride, e, d) << 16 : Words{});
        std::memcpy(out + i / 2 * width + e, &pairs, sizeof pairs);
      }
    }
  }

  static constexpr int64_t kScoreStride = kTile / 2;

  /** Rows of scores rounded to bfloat16; a row's neighbours are its pairs. */
  static const uint32_t* leftOf(uint32_t* out, const float* scores, int rows) {
    Bfloat16* halves = reinterpret_cast<Bfloat16*>(out);
    for (int i = 0; i < rows * kTile; i += kLanes) store(halves + i, load(scores + i, Full{}), Full{});
    return out;
  }

  /** Columns of scores: pairs of neighbouring rows, kTile of them a step. */
  static const uint32_t* transposedOf(uint32_t* out, const float* scores, int rows) {
    for (int i = 0; i < rows; i += 2) {
      for (int j = 0; j < kTile; j += kLanes) {
        const float* from = scores + i * kTile + j;
        const Words low = __builtin_convertvector(narrow(load(from, Full{})), Words);
        const Words high = i + 1 < rows ? __builtin_convertvector(narrow(load(from + kTile, Full{})), Words) : Words{};
        const Words pairs = low | high << 16;
        std::memcpy(out + i / 2 * kTile + j, &pairs, sizeof pairs);
      }
    }
    return out;
  }

 private:
  static Words bits(const Bfloat16* p, int e, int d) {
    if (e >= d) return Words{};
    return wordsOf(e + kLanes <= d ? load(p + e, Full{}) : load(p + e, Part{d - e})) >> 16;
  }
};
#endif

template <class T>
struct OperandsFor {
  using Type = FloatOperands<T>;
};

#if defined(__AVX512BF16__)
template <>
struct OperandsFor<Bfloat16> {
  using Type = PairOperands;
};
#endif

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
