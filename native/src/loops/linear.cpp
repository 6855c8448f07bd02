// The small float32 layers of the time embedding, and sums over pixels.
#include "channel_rows.h"
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {

void timestepEmbedding(float* y, const int64_t* t, int n, int d) {
  const int half = d / 2;
  // In float32 steps, as networks were trained with: at t = 1000 the rounding of the angle is visible in the sine.
  const float decay = float(__builtin_log(10000.0) / half);
  for (int i = 0; i < half; i++) {
    const float frequency = float(__builtin_exp(double(float(i) * -decay)));
    for (int64_t sample = 0; sample < n; sample++) {
      const float angle = float(t[sample]) * frequency;
      y[sample * d + i] = float(__builtin_sin(double(angle)));
      y[sample * d + half + i] = float(__builtin_cos(double(angle)));
    }
  }
  if (d % 2 != 0) {
    for (int64_t sample = 0; sample < n; sample++) y[sample * d + d - 1] = 0;
  }
}

void linearForward(float* y, const float* x, const float* w, const float* bias, int n, int c, int k) {
  constexpr int kOutputs = 4;
  const int blocks = (k + kOutputs - 1) / kOutputs;
  parallelFor(blocks, int64_t(n) * c * kOutputs, [&](int64_t block) {
    for (int64_t sample = 0; sample < n; sample++) {
      for (int64_t o = block * kOutputs; o < (block + 1) * kOutputs && o < k; o++) {
        Floats sum{};
        forVectors(c, [&](int64_t i, auto lanes) { sum = multiplyAdd(load(x + sample * c + i, lanes), load(w + o * c + i, lanes), sum); });
        y[sample * k + o] = sumOf(sum) + (bias != nullptr ? bias[o] : 0.0f);
      }
    }
  });
}

void linearBackwardData(float* dx, const float* dy, const float* w, int n, int c, int k, bool accumulate) {
  const int blocks = (c + kLanes - 1) / kLanes;
  parallelFor(int64_t(n) * blocks, int64_t(k) * kLanes, [&](int64_t task) {
    const int64_t sample = task / blocks;
    const int64_t first = task % blocks * kLanes;
    forVectors(first + kLanes <= c ? kLanes : c - first, [&](int64_t, auto lanes) {
      Floats sum{};
      for (int64_t o = 0; o < k; o++) sum = multiplyAdd(broadcast(dy[sample * k + o]), load(w + o * c + first, lanes), sum);
      float* out = dx + sample * c + first;
      store(out, accumulate ? load(out, lanes) + sum : sum, lanes);
    });
  });
}

void linearBackwardWeights(float* dw, float* dbias, const float* dy, const float* x, int n, int c, int k) {
  parallelFor(k, int64_t(n) * c, [&](int64_t o) {
    forVectors(c, [&](int64_t i, auto lanes) {
      Floats sum{};
      for (int64_t sample = 0; sample < n; sample++) sum = multiplyAdd(broadcast(dy[sample * k + o]), load(x + sample * c + i, lanes), sum);
      store(dw + o * c + i, load(dw + o * c + i, lanes) + sum, lanes);
    });
    if (dbias != nullptr) {
      float sum = 0;
      for (int64_t sample = 0; sample < n; sample++) sum += dy[sample * k + o];
      dbias[o] += sum;
    }
  });
}

void channelSums(float* sums, const void* x, ImageShape s, bool accumulate, Type type, Scratch& scratch) {
  const int64_t rowCount = int64_t(s.n) * s.h;
  const int64_t outputs = int64_t(s.n) * s.c;
  double* totals = static_cast<double*>(scratch.reserve(outputs * sizeof(double) + rowCount * s.c * sizeof(float)));
  float* rows = reinterpret_cast<float*>(totals + outputs);
  withFloatType(type, [&](auto t) {
    const auto* in = static_cast<const decltype(t)*>(x);
    parallelFor(rowCount, int64_t(s.w) * s.c, [&](int64_t row) { rowSums(rows + row * s.c, in + row * s.w * s.c, s.w, s.c); });
  });
  sumRows(totals, rows, s.n, s.h, s.c);
  for (int64_t i = 0; i < outputs; i++) sums[i] = accumulate ? float(sums[i] + totals[i]) : float(totals[i]);
}

}  // namespace diffusionad::LOOPS_ISA
