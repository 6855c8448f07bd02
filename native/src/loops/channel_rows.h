// First and second stage of reductions over pixels: a partial result for every image row in float32, rows merged in float64 in row order.
#pragma once

#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** Floats that one row's moments take: the means of all channels, then their sums of squared deviations. */
inline int64_t rowFloats(int channels) { return int64_t(2) * channels; }

inline const float* rowMeans(const float* rows, int sample, int row, int h, int channels) {
  return rows + (int64_t(sample) * h + row) * rowFloats(channels);
}

/** Mean (at out[c]) and sum of squared deviations (at out[stride + c]) of each channel over one row of w pixels. */
template <class T>
inline void rowMoments(float* out, int stride, const T* x, int w, int channels) {
  const float inverse = 1.0f / float(w);
  forVectors(channels, [&](int64_t c, auto lanes) {
    const Floats first = load(x + c, lanes);
    Floats sum{}, squares{};
    for (int q = 1; q < w; q++) {
      const Floats d = load(x + int64_t(q) * channels + c, lanes) - first;
      sum += d;
      squares = multiplyAdd(d, d, squares);
    }
    store(out + c, multiplyAdd(sum, broadcast(inverse), first), lanes);
    store(out + stride + c, atLeast(squares - sum * sum * inverse, 0.0f), lanes);
  });
}

template <class T>
inline void rowSums(float* out, const T* x, int w, int channels) {
  forVectors(channels, [&](int64_t c, auto lanes) {
    Floats sum{};
    for (int q = 0; q < w; q++) sum += load(x + int64_t(q) * channels + c, lanes);
    store(out + c, sum, lanes);
  });
}

/** sums[n][i] = the sum over rows of rows[n][row][i]. */
inline void sumRows(double* sums, const float* rows, int n, int h, int width) {
  constexpr int kPiece = 64;
  const int pieces = (width + kPiece - 1) / kPiece;
  parallelFor(int64_t(n) * pieces, int64_t(h) * kPiece, [&](int64_t task) {
    const int64_t sample = task / pieces;
    const int from = int(task % pieces) * kPiece;
    const int to = from + kPiece < width ? from + kPiece : width;
    double partial[kPiece] = {};
    for (int row = 0; row < h; row++) {
      const float* p = rows + (sample * h + row) * width + from;
      for (int i = 0; i < to - from; i++) partial[i] += p[i];
    }
    for (int i = 0; i < to - from; i++) sums[sample * width + from + i] = partial[i];
  });
}

}  // namespace
}  // namespace diffusionad::LOOPS_ISA
