// First and second stage of reductions over pixels: a partial result for every image row in float32, rows merged in float64 in row order.
#pragma once

#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/**
 * The moments of one row for all channels: the row's first value f, the sum of d = x - f and the sum of d². Nothing cancels when the mean is large,
 * and nothing is lost when f is put back in float64.
 */
struct RowMoments {
  const float *first, *sum, *squares;  // (C) each

  static int64_t floats(int channels) { return int64_t(3) * channels; }
  RowMoments(const float* row, int channels) : first(row), sum(row + channels), squares(row + 2 * channels) {}
};

/** Fills channels [0, channels) of a row of moments over `stride` channels from w pixels. */
template <class T>
inline void rowMoments(float* out, int stride, const T* x, int w, int channels) {
  forVectors(channels, [&](int64_t c, auto lanes) {
    const Floats first = load(x + c, lanes);
    Floats sum{}, squares{};
    for (int q = 1; q < w; q++) {
      const Floats d = load(x + int64_t(q) * channels + c, lanes) - first;
      sum += d;
      squares = multiplyAdd(d, d, squares);
    }
    store(out + c, first, lanes);
    store(out + stride + c, sum, lanes);
    store(out + 2 * stride + c, squares, lanes);
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
