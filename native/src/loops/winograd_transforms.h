// Winograd's minimal filtering F(4x4, 3x3): convolutions of kernel 3 and stride 1 with 36 products for 16 outputs, where the definition takes 144.
//
//   Y = Aᵀ [ Σ_c (G g_c Gᵀ) ∘ (Bᵀ d_c B) ] A        Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), equation 9
//
// with d a tile of 6x6 inputs of which neighbours share two rows or columns, g the 3x3 weights, Y a tile of 4x4 outputs. For each of the 36 points the sum
// over channels is a matrix product, tiles by input channels times input by output channels. The gradient by the weights is the same read backward, for each
// point a product of output channels by tiles times tiles by input channels:
//
//   dg = Gᵀ [ Σ_tiles (A dY Aᵀ) ∘ (Bᵀ d B) ] G
//
// The transforms evaluate polynomials at 0, ±5/8, ±3/2 and infinity. Every coefficient of A and B is exact in float32, and the error is less than half of that
// with the integers 0, ±1, ±2: 1.7 times a naive convolution's at 128 channels, where those have 3.7 (measured; see Barabasz, Anderson, Soodhalter and
// Gregg, "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020, on the choice of points).
//
// From bfloat16 to bfloat16, on a processor that multiplies it, what is transformed is rounded to bfloat16 and summed in float32: twice the products in the same
// time. That rounding is felt: relative to the result (L2) the error is 0.011 for inputs that are independent of their neighbours and 0.004 where these correlate by
// 0.9, beside 0.002 when only weights are rounded, as a direct convolution does. The integers 0, ±1, ±2 would double it.
#pragma once

#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kOutputs = 4;  // rows and columns of Y
constexpr int kInputs = 6;   // rows and columns of d
constexpr int kPoints = kInputs * kInputs;
static_assert(kPoints == kWinogradPoints);
constexpr int kTaps = 9;
constexpr int kLine = 16;    // words of a cache line
constexpr int64_t kChunkWords = 8 << 20;  // of panels held at a time: 32 MiB bound the memory, and a third cache holds most of them

constexpr float kA = 0.625f, kB = 1.5f;  // the points
constexpr float kA2 = kA * kA, kB2 = kB * kB;
constexpr float kScaleA = 1 / (2 * kA2 * (kA2 - kB2)), kScaleB = 1 / (2 * kB2 * (kB2 - kA2));

/** Bᵀ applied to v[0], v[Step], … v[5·Step]. */
template <int Step>
inline __attribute__((always_inline)) void transformInput(Floats* v) {
  const Floats d0 = v[0], d1 = v[Step], d2 = v[2 * Step], d3 = v[3 * Step], d4 = v[4 * Step], d5 = v[5 * Step];
  const Floats product = broadcast(kA2 * kB2), sum = broadcast(-(kA2 + kB2));
  const Floats evenA = multiplyAdd(broadcast(-kB2), d2, d4), oddA = kA * multiplyAdd(broadcast(-kB2), d1, d3);
  const Floats evenB = multiplyAdd(broadcast(-kA2), d2, d4), oddB = kB * multiplyAdd(broadcast(-kA2), d1, d3);
  v[0] = multiplyAdd(product, d0, multiplyAdd(sum, d2, d4));
  v[Step] = evenA + oddA;
  v[2 * Step] = evenA - oddA;
  v[3 * Step] = evenB + oddB;
  v[4 * Step] = evenB - oddB;
  v[5 * Step] = multiplyAdd(product, d1, multiplyAdd(sum, d3, d5));
}

/** Aᵀ applied to m[0], m[Step], … m[5·Step]; the results are the first four. */
template <int Step>
inline __attribute__((always_inline)) void transformOutput(Floats* m) {
  const Floats sumA = m[Step] + m[2 * Step], differenceA = m[Step] - m[2 * Step];
  const Floats sumB = m[3 * Step] + m[4 * Step], differenceB = m[3 * Step] - m[4 * Step];
  const Floats last = m[5 * Step];
  m[0] += sumA + sumB;
  m[Step] = multiplyAdd(broadcast(kB), differenceB, kA * differenceA);
  m[2 * Step] = multiplyAdd(broadcast(kB2), sumB, kA2 * sumA);
  m[3 * Step] = multiplyAdd(broadcast(kB2 * kB), differenceB, multiplyAdd(broadcast(kA2 * kA), differenceA, last));
}

/** G applied to g[0], g[Step], g[2·Step]: six results, apart by To. */
template <int Step, int To>
inline __attribute__((always_inline)) void transformWeights(Floats* out, const Floats* g) {
  const Floats evenA = kScaleA * multiplyAdd(broadcast(kA2), g[2 * Step], g[0]), oddA = kScaleA * kA * g[Step];
  const Floats evenB = kScaleB * multiplyAdd(broadcast(kB2), g[2 * Step], g[0]), oddB = kScaleB * kB * g[Step];
  out[0] = 1 / (kA2 * kB2) * g[0];
  out[To] = evenA + oddA;
  out[2 * To] = evenA - oddA;
  out[3 * To] = evenB + oddB;
  out[4 * To] = evenB - oddB;
  out[5 * To] = g[2 * Step];
}

/** A applied to y[0], y[Step], y[2·Step], y[3·Step]: six results, apart by To. */
template <int Step, int To>
inline __attribute__((always_inline)) void transformGradient(Floats* out, const Floats* y) {
  const Floats evenA = multiplyAdd(broadcast(kA2), y[2 * Step], y[0]), oddA = kA * multiplyAdd(broadcast(kA2), y[3 * Step], y[Step]);
  const Floats evenB = multiplyAdd(broadcast(kB2), y[2 * Step], y[0]), oddB = kB * multiplyAdd(broadcast(kB2), y[3 * Step], y[Step]);
  out[0] = y[0];
  out[To] = evenA + oddA;
  out[2 * To] = evenA - oddA;
  out[3 * To] = evenB + oddB;
  out[4 * To] = evenB - oddB;
  out[5 * To] = y[3 * Step];
}

/** Gᵀ applied to m[0], m[Step], … m[5·Step]; the results are the first three. */
template <int Step>
inline __attribute__((always_inline)) void transformWeightGradient(Floats* m) {
  const Floats sumA = kScaleA * (m[Step] + m[2 * Step]), differenceA = (kScaleA * kA) * (m[Step] - m[2 * Step]);
  const Floats sumB = kScaleB * (m[3 * Step] + m[4 * Step]), differenceB = (kScaleB * kB) * (m[3 * Step] - m[4 * Step]);
  m[0] = multiplyAdd(broadcast(1 / (kA2 * kB2)), m[0], sumA + sumB);
  m[Step] = differenceA + differenceB;
  m[2 * Step] = multiplyAdd(broadcast(kA2), sumA, multiplyAdd(broadcast(kB2), sumB, m[5 * Step]));
}

/** How many of `panels` panels fit together, one at least. */
inline int panelsAtATime(int panels, int64_t wordsOfOne) {
  const int64_t fitting = kChunkWords / wordsOfOne;
  return int(fitting < 1 ? 1 : fitting < panels ? fitting : panels);
}

/** A tile by sample and the row and column of its first output. */
struct Tile {
  int64_t n;
  int row, column;
};

/** The tiles of N images of H x W, row by row. */
struct TileGrid {
  int rows, columns;
  int64_t count;

  TileGrid(int n, int h, int w) : rows((h + kOutputs - 1) / kOutputs), columns((w + kOutputs - 1) / kOutputs), count(int64_t(n) * rows * columns) {}

  Tile operator[](int64_t index) const {
    const int64_t row = index / columns;
    return {row / rows, int(row % rows) * kOutputs, int(index % columns) * kOutputs};
  }
};

/** The Size x Size pixels of x (N, H, W, C) from (row, column) on, row by row; `outside`, C zeros, for those outside the image. */
template <int Size, class X>
void pixelsFrom(const X** pixels, const void* x, const X* outside, int64_t n, int row, int column, int h, int w, int c) {
  for (int r = row; r < row + Size; r++) {
    const X* line = static_cast<const X*>(x) + (n * h + r) * w * c;
    for (int s = column; s < column + Size; s++) *pixels++ = r >= 0 && r < h && s >= 0 && s < w ? line + int64_t(s) * c : outside;
  }
}

/** Asks for a cache line, of memory or not. */
inline void prefetch(const void* p) { __builtin_prefetch(p); }

/**
 * Asks for the channels from c on of the pixels that the next tile of a row reads and the tile of these Size x Size pixels does not: processors do not foresee
 * jumps from pixel to pixel.
 */
template <int Size, class X>
inline void prefetchNextTile(const X* const* pixels, int64_t c, int channels) {
  if (c * sizeof(X) % 64 != 0) return;  // asked for with the vector before
  for (int r = 0; r < Size; r++) {
    for (int s = Size - kOutputs; s < Size; s++) prefetch(pixels[r * Size + s] + int64_t(kOutputs) * channels + c);
  }
}

/** Calls put(point, value) with Bᵀ d B for the channels from c on of the 6x6 pixels that a tile reads. */
template <class X, class Lanes, class Put>
inline __attribute__((always_inline)) void transformedInput(const X* const* pixels, int64_t c, int channels, Lanes lanes, Put put) {
  prefetchNextTile<kInputs>(pixels, c, channels);
  Floats v[kPoints];
  for (int s = 0; s < kInputs; s++) {
    Floats column[kInputs];
    for (int r = 0; r < kInputs; r++) column[r] = load(pixels[r * kInputs + s] + c, lanes);
    transformInput<1>(column);
    for (int r = 0; r < kInputs; r++) v[r * kInputs + s] = column[r];
  }
  for (int r = 0; r < kInputs; r++) {
    transformInput<1>(v + r * kInputs);
    for (int s = 0; s < kInputs; s++) put(r * kInputs + s, v[r * kInputs + s]);
  }
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
