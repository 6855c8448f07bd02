// Multi-head self-attention y = softmax(q·kᵀ/√d)·v in tiles, forward and backward. Sums are float32; bfloat16 operands are multiplied as such where the
// processor can, and then the softmax weights and their gradients are rounded to bfloat16 as well before they are multiplied.
//
// Forward: keys and values are laid out for products once. A task is a tile of queries of one head; over the tiles of keys the running maximum and
// denominator of each row rescale what has been summed (online softmax), so that the score matrix never exists. The log of the softmax
// denominator is kept for the backward pass.
// Backward: weights are recomputed from it; P = exp(S - logSumExp), D = rowsum(dy·y), dS = P·(dy·vᵀ - D). Two sweeps, over tiles of queries for
// dq and over tiles of keys for dk and dv, keep every sum in one task: nothing depends on the number of threads.
#include "attention_operands.h"
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

inline int tilesOf(int t) { return (t + kTile - 1) / kTile; }

/** Rows of qkv, y and dy that belong to one head. */
template <class T>
struct Head {
  const T *q, *k, *v, *dy;
  int64_t qkvStride, yStride;  // between pixels
  int d;
};

template <class T>
Head<T> headOf(const Attention& a, int64_t sample, int head) {
  const int d = a.c / a.heads;
  const T* qkv = static_cast<const T*>(a.qkv) + sample * a.t * 3 * a.c + int64_t(head) * 3 * d;
  const T* dy = a.dy == nullptr ? nullptr : static_cast<const T*>(a.dy) + sample * a.t * a.c + int64_t(head) * d;
  return {qkv, qkv + d, qkv + 2 * d, dy, int64_t(3) * a.c, a.c, d};
}

/** One tile of one head. */
struct Tile {
  int64_t sample;
  int head, index;
  int first, count;  // pixels
  int64_t number;    // among all tiles

  static Tile of(const Attention& a, int64_t number) {
    const int tiles = tilesOf(a.t);
    const int index = int(number % tiles), first = index * kTile;
    return {number / tiles / a.heads, int(number / tiles % a.heads), index, first, a.t - first < kTile ? a.t - first : kTile, number};
  }
  Tile other(const Attention& a, int otherIndex) const { return of(a, number - index + otherIndex); }
  /** Of this tile's first row in a (N, heads, T). */
  int64_t row(const Attention& a) const { return (sample * a.heads + head) * a.t + first; }
};

inline int64_t tileCount(const Attention& a) { return int64_t(a.n) * a.heads * tilesOf(a.t); }

/** Calls body(tile) for all tiles, shared dynamically: what a tile computes depends on nothing else. */
template <class Body>
void forTiles(const Attention& a, Body body) {
  const int64_t count = tileCount(a);
#pragma omp parallel for schedule(dynamic) if (count > 1)
  for (int64_t number = 0; number < count; number++) body(Tile::of(a, number));
}

/** Scores of a tile of queries against a tile of keys become weights in place; the running maximum, denominator and sums follow. */
void softmaxTile(float* scores, float* out, float* maximum, float* denominator, int rows, int keys, int width, float scale) {
  for (int i = 0; i < rows; i++) {
    float* s = scores + i * kTile;
    for (int j = keys; j < kTile; j++) s[j] = -__builtin_inff();
    Floats top = load(s, Full{});
    for (int j = kLanes; j < kTile; j += kLanes) {
      const Floats v = load(s + j, Full{});
      top = v > top ? v : top;
    }
    float lanes[kLanes];
    store(lanes, top, Full{});
    float best = maximum[i];
    for (int l = 0; l < kLanes; l++) best = lanes[l] * scale > best ? lanes[l] * scale : best;
    Floats sum{};
    for (int j = 0; j < kTile; j += kLanes) {
      const Floats v = load(s + j, Full{});
      const Floats weight = v == -__builtin_inff() ? Floats{} : exponential(v * scale - best);
      store(s + j, weight, Full{});
      sum += weight;
    }
    if (best > maximum[i]) {
      const Floats shrink = maximum[i] == -__builtin_inff() ? Floats{} : exponential(broadcast(maximum[i] - best));
      denominator[i] *= shrink[0];
      float* o = out + i * width;
      for (int e = 0; e < width; e += kLanes) store(o + e, load(o + e, Full{}) * shrink, Full{});
      maximum[i] = best;
    }
    denominator[i] += sumOf(sum);
  }
}

template <class T>
void forward(const Attention& a, Scratch& scratch) {
  using Operands = typename OperandsFor<T>::Type;
  using Element = typename Operands::Element;
  const int d = a.c / a.heads, width = roundUp(d);
  const int64_t size = Operands::size(d);
  const int64_t perThread = kTile * width + kTile * kTile;
  // [keys and values of all tiles] [per thread: queries, rounded weights | scores, sums]
  Element* keys = static_cast<Element*>(scratch.reserve((tileCount(a) * 2 * size + threadCount() * (size + kTile * kTile + perThread)) * 4));
  Element* values = keys + tileCount(a) * size;
  Element* threadOperands = values + tileCount(a) * size;
  float* threadSums = reinterpret_cast<float*>(threadOperands + threadCount() * (size + kTile * kTile));
  const float scale = 1.0f / __builtin_sqrtf(float(d));

  forTiles(a, [&](Tile tile) {
    const Head<T> h = headOf<T>(a, tile.sample, tile.head);
    Operands::packTransposed(keys + tile.number * size, h.k + tile.first * h.qkvStride, h.qkvStride, tile.count, d);
    Operands::packRight(values + tile.number * size, h.v + tile.first * h.qkvStride, h.qkvStride, tile.count, d);
  });
  forTiles(a, [&](Tile tile) {
    const Head<T> h = headOf<T>(a, tile.sample, tile.head);
    Element* queries = threadOperands + threadNumber() * (size + kTile * kTile);
    Element* weights = queries + size;
    float* scores = threadSums + threadNumber() * perThread;
    float* out = scores + kTile * kTile;
    float maximum[kTile], denominator[kTile];
    for (int i = 0; i < kTile; i++) {
      maximum[i] = -__builtin_inff();
      denominator[i] = 0;
    }
    std::memset(out, 0, kTile * width * sizeof(float));
    Operands::packLeft(queries, h.q + tile.first * h.qkvStride, h.qkvStride, tile.count, d);
    for (int other = 0; other < tilesOf(a.t); other++) {
      const Tile from = tile.other(a, other);
      tileProduct<typename Operands::Step, Start::Zero>(scores, kTile, queries, Operands::leftStride(d), 1, keys + from.number * size, kTile, tile.count, kTile,
                                                        Operands::steps(d));
      softmaxTile(scores, out, maximum, denominator, tile.count, from.count, width, scale);
      tileProduct<typename Operands::Step, Start::Sums>(out, width, Operands::leftOf(weights, scores, tile.count), Operands::kScoreStride, 1,
                                                        values + from.number * size, width, tile.count, width, Operands::steps(from.count));
    }
    T* y = static_cast<T*>(a.y) + (tile.sample * a.t + tile.first) * a.c + int64_t(tile.head) * d;
    for (int i = 0; i < tile.count; i++) {
      const float inverse = 1.0f / denominator[i];
      forVectors(d, [&](int64_t e, auto lanes) { store(y + i * h.yStride + e, load(out + i * width + e, lanes) * inverse, lanes); });
      a.logSumExp[tile.row(a) + i] = maximum[i] + __builtin_logf(denominator[i]);
    }
  });
}

/** delta[row] = Σ dy·y over a head's channels. */
template <class T>
void rowProducts(const Attention& a, float* delta) {
  const int d = a.c / a.heads;
  parallelFor(int64_t(a.n) * a.t, a.c, [&](int64_t pixel) {
    for (int head = 0; head < a.heads; head++) {
      const T* dy = static_cast<const T*>(a.dy) + pixel * a.c + int64_t(head) * d;
      const T* y = static_cast<const T*>(a.y) + pixel * a.c + int64_t(head) * d;
      Floats sum{};
      forVectors(d, [&](int64_t e, auto lanes) { sum = multiplyAdd(load(dy + e, lanes), load(y + e, lanes), sum); });
      delta[(pixel / a.t * a.heads + head) * a.t + pixel % a.t] = sumOf(sum);
    }
  });
}

/** Weights P and score gradients dS of a tile of queries against a tile of keys; in place of q·kᵀ and dy·vᵀ. Zero beyond the keys. */
void weightsAndGradients(float* p, float* ds, const float* logSumExp, const float* delta, int rows, int keys, float scale) {
  for (int i = 0; i < rows; i++) {
    float* pi = p + i * kTile;
    float* di = ds + i * kTile;
    for (int j = 0; j < kTile; j += kLanes) {
      const Floats weight = exponential(load(pi + j, Full{}) * scale - logSumExp[i]);
      store(pi + j, weight, Full{});
      store(di + j, weight * (load(di + j, Full{}) - delta[i]), Full{});
    }
    for (int j = keys; j < kTile; j++) pi[j] = di[j] = 0;
  }
}

template <class T>
void writeRows(T* out, int64_t stride, const float* in, int width, int rows, int d, float scale) {
  for (int i = 0; i < rows; i++) {
    forVectors(d, [&](int64_t e, auto lanes) { store(out + i * stride + e, load(in + i * width + e, lanes) * scale, lanes); });
  }
}

/** The place in dqkv of a part (q, k or v) of one head at a pixel. */
template <class T>
T* gradientOf(const Attention& a, const Head<T>& h, const T* part, int64_t pixel) {
  return static_cast<T*>(a.dqkv) + (part - static_cast<const T*>(a.qkv)) + pixel * h.qkvStride;
}

template <class T>
void backward(const Attention& a, Scratch& scratch) {
  using Operands = typename OperandsFor<T>::Type;
  using Element = typename Operands::Element;
  using Step = typename Operands::Step;
  const int d = a.c / a.heads, width = roundUp(d), steps = Operands::steps(d);
  const int64_t size = Operands::size(d), left = Operands::leftStride(d);
  const int64_t all = tileCount(a) * size;
  const int64_t rows = (int64_t(a.n) * a.heads * a.t + 63) / 64 * 64;
  const int64_t operandsPerThread = 2 * size + kTile * kTile, sumsPerThread = 2 * kTile * width + 2 * kTile * kTile;
  // [delta] [four operands of all tiles] [per thread: two operands, rounded scores | two scores, two sums]
  float* delta = static_cast<float*>(scratch.reserve((rows + 4 * all + threadCount() * (operandsPerThread + sumsPerThread)) * 4));
  Element* packed[4];
  for (int i = 0; i < 4; i++) packed[i] = reinterpret_cast<Element*>(delta + rows) + i * all;
  Element* threadOperands = packed[3] + all;
  float* threadSums = reinterpret_cast<float*>(threadOperands + threadCount() * operandsPerThread);
  const float scale = 1.0f / __builtin_sqrtf(float(d));
  rowProducts<T>(a, delta);

  struct Thread {
    Element *first, *second, *rounded;
    float *p, *ds, *sums, *moreSums;
  };
  const auto thread = [&] {
    Element* operands = threadOperands + threadNumber() * operandsPerThread;
    float* sums = threadSums + threadNumber() * sumsPerThread;
    return Thread{operands, operands + size, operands + 2 * size, sums, sums + kTile * kTile, sums + 2 * kTile * kTile, sums + 2 * kTile * kTile + kTile * width};
  };
  // P and dS from left operands (queries, dy) and transposed right ones (keys, values).
  const auto scores = [&](const Thread& m, const Element* q, const Element* dy, const Element* k, const Element* v, Tile queries, Tile keys) {
    tileProduct<Step, Start::Zero>(m.p, kTile, q, left, 1, k, kTile, queries.count, kTile, steps);
    tileProduct<Step, Start::Zero>(m.ds, kTile, dy, left, 1, v, kTile, queries.count, kTile, steps);
    weightsAndGradients(m.p, m.ds, a.logSumExp + queries.row(a), delta + queries.row(a), queries.count, keys.count, scale);
  };

  // dq = dS·k: keys and values transposed, keys as rows.
  forTiles(a, [&](Tile tile) {
    const Head<T> h = headOf<T>(a, tile.sample, tile.head);
    const int64_t at = tile.first * h.qkvStride;
    Operands::packTransposed(packed[0] + tile.number * size, h.k + at, h.qkvStride, tile.count, d);
    Operands::packTransposed(packed[1] + tile.number * size, h.v + at, h.qkvStride, tile.count, d);
    Operands::packRight(packed[2] + tile.number * size, h.k + at, h.qkvStride, tile.count, d);
  });
  forTiles(a, [&](Tile tile) {
    const Head<T> h = headOf<T>(a, tile.sample, tile.head);
    const Thread m = thread();
    std::memset(m.sums, 0, kTile * width * sizeof(float));
    Operands::packLeft(m.first, h.q + tile.first * h.qkvStride, h.qkvStride, tile.count, d);
    Operands::packLeft(m.second, h.dy + tile.first * h.yStride, h.yStride, tile.count, d);
    for (int other = 0; other < tilesOf(a.t); other++) {
      const Tile keys = tile.other(a, other);
      const int64_t at = keys.number * size;
      scores(m, m.first, m.second, packed[0] + at, packed[1] + at, tile, keys);
      tileProduct<Step, Start::Sums>(m.sums, width, Operands::leftOf(m.rounded, m.ds, tile.count), Operands::kScoreStride, 1, packed[2] + at, width, tile.count,
                                     width, Operands::steps(keys.count));
    }
    writeRows(gradientOf(a, h, h.q, tile.first), h.qkvStride, m.sums, width, tile.count, d, scale);
  });

  // dk = dSᵀ·q and dv = Pᵀ·dy: queries and their dy both as left operands and as rows.
  forTiles(a, [&](Tile tile) {
    const Head<T> h = headOf<T>(a, tile.sample, tile.head);
    Operands::packLeft(packed[0] + tile.number * size, h.q + tile.first * h.qkvStride, h.qkvStride, tile.count, d);
    Operands::packLeft(packed[1] + tile.number * size, h.dy + tile.first * h.yStride, h.yStride, tile.count, d);
    Operands::packRight(packed[2] + tile.number * size, h.q + tile.first * h.qkvStride, h.qkvStride, tile.count, d);
    Operands::packRight(packed[3] + tile.number * size, h.dy + tile.first * h.yStride, h.yStride, tile.count, d);
  });
  forTiles(a, [&](Tile tile) {
    const Head<T> h = headOf<T>(a, tile.sample, tile.head);
    const Thread m = thread();
    std::memset(m.sums, 0, 2 * kTile * width * sizeof(float));
    Operands::packTransposed(m.first, h.k + tile.first * h.qkvStride, h.qkvStride, tile.count, d);
    Operands::packTransposed(m.second, h.v + tile.first * h.qkvStride, h.qkvStride, tile.count, d);
    for (int other = 0; other < tilesOf(a.t); other++) {
      const Tile queries = tile.other(a, other);
      const int64_t at = queries.number * size;
      scores(m, packed[0] + at, packed[1] + at, m.first, m.second, queries, tile);
      const int inner = Operands::steps(queries.count);
      tileProduct<Step, Start::Sums>(m.sums, width, Operands::transposedOf(m.rounded, m.ds, queries.count), 1, kTile, packed[2] + at, width, tile.count, width,
                                     inner);
      tileProduct<Step, Start::Sums>(m.moreSums, width, Operands::transposedOf(m.rounded, m.p, queries.count), 1, kTile, packed[3] + at, width, tile.count,
                                     width, inner);
    }
    writeRows(gradientOf(a, h, h.k, tile.first), h.qkvStride, m.sums, width, tile.count, d, scale);
    writeRows(gradientOf(a, h, h.v, tile.first), h.qkvStride, m.moreSums, width, tile.count, d, 1.0f);
  });
}

}  // namespace

void attentionForward(const Attention& a, Scratch& scratch) {
  withFloatType(a.type, [&](auto t) { forward<decltype(t)>(a, scratch); });
}

void attentionBackward(const Attention& a, Scratch& scratch) {
  withFloatType(a.type, [&](auto t) { backward<decltype(t)>(a, scratch); });
}

}  // namespace diffusionad::LOOPS_ISA
