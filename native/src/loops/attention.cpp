// Multi-head self-attention y = softmax(q·kᵀ/√d)·v in tiles, forward and backward, in float32 arithmetic.
//
// Forward: a task is a tile of queries of one head. Keys come in tiles; the running maximum and denominator of each row rescale what has been
// summed (online softmax), so that the score matrix never exists. The log of the softmax denominator is kept for the backward pass.
// Backward: probabilities are recomputed from it; P = exp(S - logSumExp), D = rowsum(dy·y), dS = P·(dy·vᵀ - D). Two sweeps, over tiles of queries for
// dq and over tiles of keys for dk and dv, keep every sum in one task: nothing depends on the number of threads.
#include "vector.h"
#include "parallel.h"
#include "dispatch.h"
#include "kernels.h"
#include "tile_product.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kTile = 64;  // queries and keys a tile

inline int roundUp(int n) { return (n + kLanes - 1) / kLanes * kLanes; }

/** Where the parts of one head lie inside qkv. */
template <class T>
struct Head {
  const T *q, *k, *v;
  int64_t stride;  // between pixels
  int d;
};

template <class T>
Head<T> headOf(const Attention& a, int64_t sample, int head) {
  const int d = a.c / a.heads;
  const T* start = static_cast<const T*>(a.qkv) + sample * a.t * 3 * a.c + int64_t(head) * 3 * d;
  return {start, start + d, start + 2 * d, int64_t(3) * a.c, d};
}

/** rows x d values to float32, rows of `width` floats, zero beyond d and beyond `rows` up to kTile. */
template <class T>
void packRows(float* out, const T* in, int64_t stride, int rows, int d, int width, float scale) {
  for (int i = 0; i < kTile; i++) {
    float* to = out + int64_t(i) * width;
    if (i >= rows) {
      std::memset(to, 0, width * sizeof(float));
      continue;
    }
    const T* from = in + i * stride;
    for (int e = d; e < width; e++) to[e] = 0;
    forVectors(d, [&](int64_t e, auto lanes) { store(to + e, load(from + e, lanes) * scale, lanes); });
  }
}

/** The transpose of packRows: d rows of kTile floats, zero beyond `rows`. */
template <class T>
void packColumns(float* out, const T* in, int64_t stride, int rows, int d) {
  for (int i = 0; i < kTile; i++) {
    forVectors(d, [&](int64_t e, auto lanes) {
      float values[kLanes];
      store(values, i < rows ? load(in + i * stride + e, lanes) : Floats{}, Full{});
      for (int l = 0; l < kLanes && e + l < d; l++) out[(e + l) * kTile + i] = values[l];
    });
  }
}

inline int tiles(int t) { return (t + kTile - 1) / kTile; }
inline int tileSize(int t, int tile) { return t - tile * kTile < kTile ? t - tile * kTile : kTile; }

/** Rows of scores to weights exp(s - maximum): returns in place, updates the running maximum and denominator, rescales the output rows. */
void softmaxTile(float* scores, float* out, float* maximum, float* denominator, int rows, int keys, int width) {
  for (int i = 0; i < rows; i++) {
    float* s = scores + int64_t(i) * kTile;
    for (int j = keys; j < kTile; j++) s[j] = -__builtin_inff();
    Floats top = load(s, Full{});
    for (int j = kLanes; j < kTile; j += kLanes) {
      const Floats v = load(s + j, Full{});
      top = v > top ? v : top;
    }
    float lanes[kLanes];
    store(lanes, top, Full{});
    float best = maximum[i];
    for (int l = 0; l < kLanes; l++) best = lanes[l] > best ? lanes[l] : best;
    Floats sum{};
    for (int j = 0; j < kTile; j += kLanes) {
      const Floats p = exponential(load(s + j, Full{}) - best);
      const Floats kept = load(s + j, Full{}) > -__builtin_inff() ? p : Floats{};
      // A score that is NaN fails the comparison above but must not vanish.
      const Floats v = load(s + j, Full{});
      const Floats weight = v == v ? kept : v;
      store(s + j, weight, Full{});
      sum += weight;
    }
    if (best > maximum[i]) {
      const Floats shrink = maximum[i] == -__builtin_inff() ? Floats{} : exponential(broadcast(maximum[i] - best));
      denominator[i] *= shrink[0];
      float* o = out + int64_t(i) * width;
      for (int e = 0; e < width; e += kLanes) store(o + e, load(o + e, Full{}) * shrink, Full{});
      maximum[i] = best;
    }
    denominator[i] += sumOf(sum);
  }
}

template <class T>
void forwardTile(const Attention& a, float* memory, int64_t sample, int head, int tile) {
  const Head<T> h = headOf<T>(a, sample, head);
  const int width = roundUp(h.d);
  const int rows = tileSize(a.t, tile);
  float* q = memory;
  float* k = q + kTile * width;
  float* v = k + kTile * width;
  float* out = v + kTile * width;
  float* scores = out + kTile * width;
  float maximum[kTile], denominator[kTile];
  for (int i = 0; i < kTile; i++) {
    maximum[i] = -__builtin_inff();
    denominator[i] = 0;
  }
  std::memset(out, 0, kTile * width * sizeof(float));
  packRows(q, h.q + int64_t(tile) * kTile * h.stride, h.stride, rows, h.d, width, 1.0f / __builtin_sqrtf(float(h.d)));
  for (int other = 0; other < tiles(a.t); other++) {
    const int keys = tileSize(a.t, other);
    const int64_t at = int64_t(other) * kTile * h.stride;
    packColumns(k, h.k + at, h.stride, keys, h.d);
    packRows(v, h.v + at, h.stride, keys, h.d, width, 1.0f);
    tileProduct<FloatStep, false>(scores, kTile, q, width, 1, k, kTile, rows, kTile, h.d);
    softmaxTile(scores, out, maximum, denominator, rows, keys, width);
    tileProduct<FloatStep, true>(out, width, scores, kTile, 1, v, width, rows, width, keys);
  }
  T* y = static_cast<T*>(a.y) + (sample * a.t + int64_t(tile) * kTile) * a.c + int64_t(head) * h.d;
  float* logSumExp = a.logSumExp + (sample * a.heads + head) * a.t + int64_t(tile) * kTile;
  for (int i = 0; i < rows; i++) {
    const float inverse = 1.0f / denominator[i];
    forVectors(h.d, [&](int64_t e, auto lanes) { store(y + i * int64_t(a.c) + e, load(out + int64_t(i) * width + e, lanes) * inverse, lanes); });
    logSumExp[i] = maximum[i] + __builtin_logf(denominator[i]);
  }
}

/** P and dS of a tile of queries against a tile of keys, from packed operands; both kTile x kTile, zero for keys beyond the end. */
struct GradientTile {
  const float *q, *dy;           // rows, q scaled
  const float *kColumns, *vColumns;
  const float *logSumExp, *delta;  // of the query rows
};

void probabilities(float* p, float* ds, const GradientTile& g, int rows, int keys, int width, int d) {
  tileProduct<FloatStep, false>(p, kTile, g.q, width, 1, g.kColumns, kTile, rows, kTile, d);
  tileProduct<FloatStep, false>(ds, kTile, g.dy, width, 1, g.vColumns, kTile, rows, kTile, d);
  for (int i = 0; i < rows; i++) {
    float* pi = p + int64_t(i) * kTile;
    float* di = ds + int64_t(i) * kTile;
    for (int j = 0; j < kTile; j += kLanes) {
      const Floats weight = exponential(load(pi + j, Full{}) - g.logSumExp[i]);
      store(pi + j, weight, Full{});
      store(di + j, weight * (load(di + j, Full{}) - g.delta[i]), Full{});
    }
    for (int j = keys; j < kTile; j++) pi[j] = di[j] = 0;
  }
  for (int i = rows; i < kTile; i++) {
    std::memset(p + int64_t(i) * kTile, 0, kTile * sizeof(float));
    std::memset(ds + int64_t(i) * kTile, 0, kTile * sizeof(float));
  }
}

template <class T>
void writeRows(T* out, int64_t stride, const float* in, int width, int rows, int d, float scale) {
  for (int i = 0; i < rows; i++) {
    forVectors(d, [&](int64_t e, auto lanes) { store(out + i * stride + e, load(in + int64_t(i) * width + e, lanes) * scale, lanes); });
  }
}

template <class T>
T* gradientOf(const Attention& a, const Head<T>& h, const T* part, int64_t pixel) {
  return static_cast<T*>(a.dqkv) + (part - static_cast<const T*>(a.qkv)) + pixel * h.stride;
}

/** dq of one tile of queries. */
template <class T>
void queryGradient(const Attention& a, const float* delta, float* memory, int64_t sample, int head, int tile) {
  const Head<T> h = headOf<T>(a, sample, head);
  const int width = roundUp(h.d);
  const int rows = tileSize(a.t, tile);
  const float scale = 1.0f / __builtin_sqrtf(float(h.d));
  const int64_t first = int64_t(tile) * kTile;
  float* q = memory;
  float* dy = q + kTile * width;
  float* kColumns = dy + kTile * width;
  float* vColumns = kColumns + kTile * width;
  float* kRows = vColumns + kTile * width;
  float* dq = kRows + kTile * width;
  float* p = dq + kTile * width;
  float* ds = p + kTile * kTile;
  std::memset(dq, 0, kTile * width * sizeof(float));
  packRows(q, h.q + first * h.stride, h.stride, rows, h.d, width, scale);
  packRows(dy, static_cast<const T*>(a.dy) + (sample * a.t + first) * a.c + int64_t(head) * h.d, a.c, rows, h.d, width, 1.0f);
  const int64_t row0 = (sample * a.heads + head) * a.t + first;
  for (int other = 0; other < tiles(a.t); other++) {
    const int keys = tileSize(a.t, other);
    const int64_t at = int64_t(other) * kTile * h.stride;
    packColumns(kColumns, h.k + at, h.stride, keys, h.d);
    packColumns(vColumns, h.v + at, h.stride, keys, h.d);
    packRows(kRows, h.k + at, h.stride, keys, h.d, width, 1.0f);
    probabilities(p, ds, {q, dy, kColumns, vColumns, a.logSumExp + row0, delta + row0}, rows, keys, width, h.d);
    tileProduct<FloatStep, true>(dq, width, ds, kTile, 1, kRows, width, rows, width, keys);
  }
  writeRows(gradientOf(a, h, h.q, first), h.stride, dq, width, rows, h.d, scale);
}

/** dk and dv of one tile of keys. */
template <class T>
void keyGradient(const Attention& a, const float* delta, float* memory, int64_t sample, int head, int tile) {
  const Head<T> h = headOf<T>(a, sample, head);
  const int width = roundUp(h.d);
  const int keys = tileSize(a.t, tile);
  const float scale = 1.0f / __builtin_sqrtf(float(h.d));
  const int64_t first = int64_t(tile) * kTile;
  float* q = memory;
  float* dy = q + kTile * width;
  float* kColumns = dy + kTile * width;
  float* vColumns = kColumns + kTile * width;
  float* dk = vColumns + kTile * width;
  float* dv = dk + kTile * width;
  float* p = dv + kTile * width;
  float* ds = p + kTile * kTile;
  std::memset(dk, 0, 2 * kTile * width * sizeof(float));
  packColumns(kColumns, h.k + first * h.stride, h.stride, keys, h.d);
  packColumns(vColumns, h.v + first * h.stride, h.stride, keys, h.d);
  for (int other = 0; other < tiles(a.t); other++) {
    const int rows = tileSize(a.t, other);
    const int64_t query = int64_t(other) * kTile;
    const int64_t row0 = (sample * a.heads + head) * a.t + query;
    packRows(q, h.q + query * h.stride, h.stride, rows, h.d, width, scale);
    packRows(dy, static_cast<const T*>(a.dy) + (sample * a.t + query) * a.c + int64_t(head) * h.d, a.c, rows, h.d, width, 1.0f);
    probabilities(p, ds, {q, dy, kColumns, vColumns, a.logSumExp + row0, delta + row0}, rows, keys, width, h.d);
    tileProduct<FloatStep, true>(dk, width, ds, 1, kTile, q, width, keys, width, rows);
    tileProduct<FloatStep, true>(dv, width, p, 1, kTile, dy, width, keys, width, rows);
  }
  writeRows(gradientOf(a, h, h.k, first), h.stride, dk, width, keys, h.d, 1.0f);  // q carries the scale
  writeRows(gradientOf(a, h, h.v, first), h.stride, dv, width, keys, h.d, 1.0f);
}

/** Calls tile(memory, sample, head, tile) for every tile of every head, each thread with working memory of its own. */
template <class Tile>
void forTiles(const Attention& a, float* memory, int64_t floatsPerThread, Tile tile) {
  const int64_t perHead = tiles(a.t);
  const int64_t tasks = int64_t(a.n) * a.heads * perHead;
#pragma omp parallel for schedule(dynamic) if (tasks > 1)
  for (int64_t task = 0; task < tasks; task++) {
    tile(memory + threadNumber() * floatsPerThread, task / (a.heads * perHead), int(task / perHead % a.heads), int(task % perHead));
  }
}

}  // namespace

void attentionForward(const Attention& a, Scratch& scratch) {
  const int64_t width = roundUp(a.c / a.heads);
  const int64_t perThread = 4 * kTile * width + kTile * kTile;
  float* memory = static_cast<float*>(scratch.reserve(perThread * threadCount() * sizeof(float)));
  withFloatType(a.type, [&](auto t) {
    forTiles(a, memory, perThread, [&](float* m, int64_t sample, int head, int tile) { forwardTile<decltype(t)>(a, m, sample, head, tile); });
  });
}

void attentionBackward(const Attention& a, Scratch& scratch) {
  const int d = a.c / a.heads;
  const int64_t width = roundUp(d);
  const int64_t perThread = 6 * kTile * width + 2 * kTile * kTile;
  const int64_t pixels = int64_t(a.n) * a.t;
  const int64_t deltas = (pixels * a.heads + 63) / 64 * 64;
  float* delta = static_cast<float*>(scratch.reserve((deltas + perThread * threadCount()) * sizeof(float)));
  float* memory = delta + deltas;
  withFloatType(a.type, [&](auto t) {
    using T = decltype(t);
    parallelFor(pixels, a.c, [&](int64_t pixel) {
      for (int head = 0; head < a.heads; head++) {
        const T* dy = static_cast<const T*>(a.dy) + pixel * a.c + int64_t(head) * d;
        const T* y = static_cast<const T*>(a.y) + pixel * a.c + int64_t(head) * d;
        Floats sum{};
        forVectors(d, [&](int64_t e, auto lanes) { sum = multiplyAdd(load(dy + e, lanes), load(y + e, lanes), sum); });
        delta[(pixel / a.t * a.heads + head) * a.t + pixel % a.t] = sumOf(sum);
      }
    });
    forTiles(a, memory, perThread, [&](float* m, int64_t sample, int head, int tile) { queryGradient<T>(a, delta, m, sample, head, tile); });
    forTiles(a, memory, perThread, [&](float* m, int64_t sample, int head, int tile) { keyGradient<T>(a, delta, m, sample, head, tile); });
  });
}

}  // namespace diffusionad::LOOPS_ISA
