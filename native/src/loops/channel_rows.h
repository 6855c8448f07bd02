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
  forVectorGroups<4>(channels, [&](int64_t c, auto lanes, auto group) {
    constexpr int kGroup = decltype(group)::value;
    Floats first[kGroup], sum[kGroup] = {}, squares[kGroup] = {};
    for (int v = 0; v < kGroup; v++) first[v] = load(x + c + v * kLanes, lanes);
    for (int q = 1; q < w; q++) {
      const T* pixel = x + int64_t(q) * channels + c;
      for (int v = 0; v < kGroup; v++) {
        const Floats d = load(pixel + v * kLanes, lanes) - first[v];
        sum[v] += d;
        squares[v] = multiplyAdd(d, d, squares[v]);
      }
    }
    for (int v = 0; v < kGroup; v++) {
      store(out + c + v * kLanes, first[v], lanes);
      store(out + stride + c + v * kLanes, sum[v], lanes);
      store(out + 2 * stride + c + v * kLanes, squares[v], lanes);
    }
  });
}

template <class T>
inline void rowSums(float* out, const T* x, int w, int channels) {
  forVectorGroups<4>(channels, [&](int64_t c, auto lanes, auto group) {
    constexpr int kGroup = decltype(group)::value;
    Floats sum[kGroup] = {};
    for (int q = 0; q < w; q++) {
      for (int v = 0; v < kGroup; v++) sum[v] += load(x + int64_t(q) * channels + c + v * kLanes, lanes);
    }
    for (int v = 0; v < kGroup; v++) store(out + c + v * kLanes, sum[v], lanes);
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
