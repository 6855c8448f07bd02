// Convolution of kernel 3 and stride 1 by Winograd's minimal filtering F(4x4, 3x3): 36 products for 16 outputs, where the definition takes 144.
//
//   Y = Aᵀ [ Σ_c (G g_c Gᵀ) ∘ (Bᵀ d_c B) ] A        Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016), equation 9
//
// with d a tile of 6x6 inputs of which neighbours share two rows or columns, g the 3x3 weights, Y a tile of 4x4 outputs. For each of the 36 points the sum
// over channels is a matrix product, tiles by input channels times input by output channels.
//
// The transforms evaluate polynomials at 0, ±5/8, ±3/2 and infinity. Every coefficient of A and B is exact in float32, and the error is less than half of that
// with the integers 0, ±1, ±2: 1.7 times a naive convolution's at 128 channels, where those have 3.7 (measured; see Barabasz, Anderson, Soodhalter and
// Gregg, "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020, on the choice of points).
//
// From bfloat16 to bfloat16, on a processor that multiplies it, what is transformed is rounded to bfloat16 and summed in float32: twice the products in the same
// time. That rounding is felt: relative to the result (L2) the error is 0.011 for inputs that are independent of their neighbours and 0.004 where these correlate by
// 0.9, beside 0.002 when only weights are rounded, as a direct convolution does. The integers 0, ±1, ±2 would double it.
//
// Weights are transformed in each call, which takes as long as a hundred tiles or so: copies held would take four times the memory of the weights. Then tasks
// of neighbouring tiles transform their input, and for one panel of output channels after the other multiply and transform back, so that products
// stay in the nearer caches. Every product is one sum in the order of the channels: how tiles are cut into tasks never shows in the result.
// Limit: a tile's outputs share its inputs, so a NaN or infinity spreads to all outputs of the tiles that read it.
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "tile_product.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kOutputs = 4;                       // rows and columns of Y
constexpr int kInputs = 6;                        // rows and columns of d
constexpr int kPoints = kInputs * kInputs;
constexpr int kTaps = 9;
constexpr int kPanel = kBlockColumns * kLanes;    // output channels of one product
constexpr int kLine = 16;                         // floats of a cache line
constexpr int64_t kWeightWords = 8 << 20;         // transformed at a time: 32 MiB bound the memory, and a third cache holds most of them
constexpr int kMostTiles = 48;                    // of a task: transformed weights are read once for so many

constexpr float kA = 0.625f, kB = 1.5f;           // the points
constexpr float kA2 = kA * kA, kB2 = kB * kB;

/** How what is transformed is held for the products: a word (4 bytes) is one channel, or two of them as bfloat16, the earlier in the lower half. */
struct FloatWords {
  using Step = FloatStep;
  static constexpr int kChannels = 1;

  static void storeWeights(float* words, const Floats* channels) { store(words, channels[0], Full{}); }
  template <class Lanes>
  static void storeInput(float* words, int64_t channel, Floats v, Lanes lanes) {
    store(words + channel, v, lanes);
  }
};

#if defined(__AVX512BF16__)
struct PairWords {
  using Step = PairStep;
  static constexpr int kChannels = 2;

  static void storeWeights(uint32_t* words, const Floats* channels) {
    const Words low = __builtin_convertvector(narrow(channels[0]), Words), high = __builtin_convertvector(narrow(channels[1]), Words);
    const Words pair = low | (high << 16);
    std::memcpy(words, &pair, sizeof pair);
  }
  static void storeInput(uint32_t* words, int64_t channel, Floats v, Full lanes) { store(reinterpret_cast<Bfloat16*>(words) + channel, v, lanes); }
  /** An odd last channel shares its word with a zero: v is zero where its channels end. */
  static void storeInput(uint32_t* words, int64_t channel, Floats v, Part lanes) {
    store(reinterpret_cast<Bfloat16*>(words) + channel, v, Part{(lanes.count + 1) / 2 * 2});
  }
};
#endif

/** How a convolution from X to Y multiplies. */
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

/** How a problem is cut. What is transformed lies point by point, apart by a line more than it takes, or all points would share cache sets. */
struct Plan {
  int tileRows, tileColumns, panels, chunkPanels, blockTiles;
  int words;                           // of a tile's channels
  int64_t tiles, blocks;
  int64_t weightStride;                // from point to point of a panel of weights, in words
  int64_t inputStride, productStride;  // from point to point in a task's memory, in words

  int64_t panelWords() const { return kPoints * weightStride; }
  int64_t taskWords() const { return kPoints * (inputStride + productStride); }
};

Plan planFor(const WinogradConvolution& a, int channelsOfWord) {
  Plan p;
  p.words = (a.c + channelsOfWord - 1) / channelsOfWord;
  p.tileRows = (a.h + kOutputs - 1) / kOutputs;
  p.tileColumns = (a.w + kOutputs - 1) / kOutputs;
  p.tiles = int64_t(a.n) * p.tileRows * p.tileColumns;
  p.panels = (a.k + kPanel - 1) / kPanel;
  // Every thread gets as many tasks as any other, of equal size.
  const int64_t round = int64_t(threadCount()) * kMostTiles;
  const int64_t wanted = (p.tiles + round - 1) / round * threadCount();
  const int64_t size = (p.tiles + wanted - 1) / wanted;
  p.blockTiles = int((size + kBlockRows - 1) / kBlockRows * kBlockRows);
  p.blocks = (p.tiles + p.blockTiles - 1) / p.blockTiles;
  p.weightStride = int64_t(p.words) * kPanel + kLine;
  const int64_t fitting = kWeightWords / p.panelWords();
  p.chunkPanels = int(fitting < 1 ? 1 : fitting < p.panels ? fitting : p.panels);
  p.inputStride = (int64_t(p.blockTiles) * p.words + kLine - 1) / kLine * kLine + kLine;
  p.productStride = int64_t(p.blockTiles) * kPanel + kLine;
  return p;
}

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
  constexpr float kScaleA = 1 / (2 * kA2 * (kA2 - kB2)), kScaleB = 1 / (2 * kB2 * (kB2 - kA2));
  const Floats evenA = kScaleA * multiplyAdd(broadcast(kA2), g[2 * Step], g[0]), oddA = kScaleA * kA * g[Step];
  const Floats evenB = kScaleB * multiplyAdd(broadcast(kB2), g[2 * Step], g[0]), oddB = kScaleB * kB * g[Step];
  out[0] = 1 / (kA2 * kB2) * g[0];
  out[To] = evenA + oddA;
  out[2 * To] = evenA - oddA;
  out[3 * To] = evenB + oddB;
  out[4 * To] = evenB - oddB;
  out[5 * To] = g[2 * Step];
}

/** Taps of kLanes input by kLanes output channels: taps[tap][input][output], zero beyond the last output. */
void gatherTaps(float* taps, const WinogradConvolution& a, int c0, int inputs, int k0) {
  const int outputs = a.k - k0 < kLanes ? a.k - k0 : kLanes;
  if (outputs < kLanes) std::memset(taps, 0, kTaps * kLanes * kLanes * sizeof(float));
  for (int tap = 0; tap < kTaps; tap++) {
    float* to = taps + tap * kLanes * kLanes;
    if (a.transposed) {
      for (int i = 0; i < inputs; i++) {
        std::memcpy(to + i * kLanes, a.weight + (int64_t(c0 + i) * kTaps + kTaps - 1 - tap) * a.weightChannels + k0, outputs * sizeof(float));
      }
      continue;
    }
    for (int o = 0; o < outputs; o++) {
      const float* from = a.weight + (int64_t(k0 + o) * kTaps + tap) * a.weightChannels + c0;
      for (int i = 0; i < inputs; i++) to[i * kLanes + o] = from[i];
    }
  }
}

/** G g Gᵀ for the weights of some panels: panel by panel, in one point by point, (words, kPanel) for each. */
template <class Held>
void transformPanels(typename Held::Step::Element* out, const WinogradConvolution& a, const Plan& plan, int firstPanel, int panels) {
  const int inputBlocks = (a.c + kLanes - 1) / kLanes;
  parallelFor(int64_t(inputBlocks) * panels, kPoints * kLanes * kPanel, [&](int64_t task) {
    const int c0 = int(task % inputBlocks) * kLanes, inputs = a.c - c0 < kLanes ? a.c - c0 : kLanes;
    const int64_t panel = task / inputBlocks, k0 = (firstPanel + panel) * kPanel;
    for (int column = 0; column < kPanel && k0 + column < a.k; column += kLanes) {
      float taps[kTaps * kLanes * kLanes];
      gatherTaps(taps, a, c0, inputs, int(k0) + column);
      auto* to = out + panel * plan.panelWords() + c0 / Held::kChannels * kPanel + column;
      for (int i = 0; i < inputs; i += Held::kChannels) {
        Floats points[kPoints][Held::kChannels] = {};
        for (int channel = 0; channel < Held::kChannels && i + channel < inputs; channel++) {
          Floats g[kTaps], rows[3 * kInputs];
          for (int tap = 0; tap < kTaps; tap++) g[tap] = load(taps + (tap * kLanes + i + channel) * kLanes, Full{});
          for (int s = 0; s < 3; s++) transformWeights<3, 3>(rows + s, g + s);
          for (int r = 0; r < kInputs; r++) transformWeights<1, Held::kChannels>(points[r * kInputs] + channel, rows + r * 3);
        }
        for (int point = 0; point < kPoints; point++) Held::storeWeights(to + point * plan.weightStride + i / Held::kChannels * kPanel, points[point]);
      }
    }
  });
}

/** A tile by sample and the row and column of its first output. */
struct Tile {
  int64_t n;
  int row, column;
};

inline Tile tileOf(const Plan& plan, int64_t index) {
  const int64_t row = index / plan.tileColumns;
  return {row / plan.tileRows, int(row % plan.tileRows) * kOutputs, int(index % plan.tileColumns) * kOutputs};
}

/** Bᵀ d B of one tile for all channels, into in[point · plan.inputStride]. */
template <class X, class Held>
void transformTile(typename Held::Step::Element* in, const WinogradConvolution& a, const Plan& plan, Tile tile) {
  const X* pixels[kPoints];  // null in the padding
  for (int i = 0; i < kPoints; i++) {
    const int row = tile.row + i / kInputs - 1, column = tile.column + i % kInputs - 1;
    const bool inside = row >= 0 && row < a.h && column >= 0 && column < a.w;
    pixels[i] = inside ? static_cast<const X*>(a.x) + ((tile.n * a.h + row) * a.w + column) * a.c : nullptr;
  }
  forVectors(a.c, [&](int64_t c, auto lanes) {
    Floats v[kPoints];
    for (int i = 0; i < kPoints; i++) v[i] = pixels[i] == nullptr ? Floats{} : load(pixels[i] + c, lanes);
    for (int s = 0; s < kInputs; s++) transformInput<kInputs>(v + s);
    for (int r = 0; r < kInputs; r++) transformInput<1>(v + r * kInputs);
    for (int i = 0; i < kPoints; i++) Held::storeInput(in + i * plan.inputStride, c, v[i], lanes);
  });
}

/** Aᵀ m A of one tile for the `count` output channels from k0 on, with the epilogue. */
template <class Y, Activation A>
void finishTile(const WinogradConvolution& a, const Plan& plan, Tile tile, const float* products, int k0, int count) {
  const int rows = a.h - tile.row < kOutputs ? a.h - tile.row : kOutputs, columns = a.w - tile.column < kOutputs ? a.w - tile.column : kOutputs;
  const int64_t first = ((tile.n * a.h + tile.row) * a.w + tile.column) * a.k + k0;
  forVectors(count, [&](int64_t k, auto lanes) {
    Floats m[kPoints];
    for (int i = 0; i < kPoints; i++) m[i] = load(products + i * plan.productStride + k, Full{});
    for (int s = 0; s < kInputs; s++) transformOutput<kInputs>(m + s);
    Floats shift{};
    if (a.bias != nullptr) shift = load(a.bias + k0 + k, lanes);
    if (a.channelBias != nullptr) shift += load(a.channelBias + tile.n * a.k + k0 + k, lanes);
    for (int r = 0; r < rows; r++) {
      Floats* row = m + r * kInputs;
      transformOutput<1>(row);
      for (int s = 0; s < columns; s++) {
        const int64_t at = first + (int64_t(r) * a.w + s) * a.k + k;
        Floats v = row[s] + shift;
        if (a.residual != nullptr) v += load(static_cast<const Y*>(a.residual) + at, lanes);
        store(static_cast<Y*>(a.y) + at, activate<A, Y>(v), lanes);
      }
    }
  });
}

/** The tiles of one task for some panels of output channels. */
template <class X, class Y, Activation A, class Held, class Word>
void computeBlock(const WinogradConvolution& a, const Plan& plan, int64_t block, const Word* weights, int firstPanel, int panels, Word* memory) {
  Word* inputs = memory;
  float* products = reinterpret_cast<float*>(memory + kPoints * plan.inputStride);
  const int64_t first = block * plan.blockTiles;
  const int tiles = int(plan.tiles - first < plan.blockTiles ? plan.tiles - first : plan.blockTiles);
  for (int t = 0; t < tiles; t++) transformTile<X, Held>(inputs + int64_t(t) * plan.words, a, plan, tileOf(plan, first + t));
  for (int panel = 0; panel < panels; panel++) {
    const int k0 = (firstPanel + panel) * kPanel, count = a.k - k0 < kPanel ? a.k - k0 : kPanel;
    const int columns = (count + kLanes - 1) / kLanes * kLanes;
    for (int point = 0; point < kPoints; point++) {
      tileProduct<typename Held::Step, false>(products + point * plan.productStride, kPanel, inputs + point * plan.inputStride, plan.words, 1,
                                              weights + panel * plan.panelWords() + point * plan.weightStride, kPanel, tiles, columns, plan.words);
    }
    for (int t = 0; t < tiles; t++) finishTile<Y, A>(a, plan, tileOf(plan, first + t), products + int64_t(t) * kPanel, k0, count);
  }
}

template <class X, class Y, Activation A, class Held>
void compute(const WinogradConvolution& a, Scratch& scratch) {
  using Word = typename Held::Step::Element;
  const Plan plan = planFor(a, Held::kChannels);
  const int64_t weightWords = plan.chunkPanels * plan.panelWords();
  Word* weights = static_cast<Word*>(scratch.reserve((weightWords + plan.taskWords() * threadCount()) * sizeof(Word)));
  Word* memory = weights + weightWords;
  for (int firstPanel = 0; firstPanel < plan.panels; firstPanel += plan.chunkPanels) {
    const int panels = plan.panels - firstPanel < plan.chunkPanels ? plan.panels - firstPanel : plan.chunkPanels;
    transformPanels<Held>(weights, a, plan, firstPanel, panels);
#pragma omp parallel for schedule(dynamic) if (plan.blocks > 1)
    for (int64_t block = 0; block < plan.blocks; block++) {
      computeBlock<X, Y, A, Held>(a, plan, block, weights, firstPanel, panels, memory + threadNumber() * plan.taskWords());
    }
  }
}

}  // namespace

void convolutionWinograd(const WinogradConvolution& a, Scratch& scratch) {
  withFloatType(a.xType, [&](auto x) {
    withFloatType(a.yType, [&](auto y) {
      withActivation(a.activation, [&](auto function) {
        using X = decltype(x);
        using Y = decltype(y);
        compute<X, Y, decltype(function)::value, typename Products<X, Y>::Held>(a, scratch);
      });
    });
  });
}

}  // namespace diffusionad::LOOPS_ISA
