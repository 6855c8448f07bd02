// Convolutions of kernel 3 and stride 1 by Winograd's algorithm (winograd_transforms.h), forward and by data.
//
// Weights are transformed in each call, which takes as long as a hundred tiles or so: copies held would take four times the memory of the weights. Then tasks
// of neighbouring tiles transform their input, and for one panel of output channels after the other multiply and transform back, so that products
// stay in the nearer caches. Every product is one sum in the order of the channels: how tiles are cut into tasks never shows in the result.
// Limit: a tile's outputs share its inputs, so a NaN or infinity spreads to all outputs of the tiles that read it.
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "winograd_transforms.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kPanel = kBlockColumns * kLanes;  // output channels of one product
constexpr int kMostTiles = 48;                  // of a task: transformed weights are read once for so many

/** How a problem is cut. What is transformed lies point by point, apart by a line more than it takes, or all points would share cache sets. */
struct Plan {
  TileGrid tiles;
  int panels, chunkPanels, blockTiles;
  int words;                           // of a tile's channels
  int64_t blocks;
  int64_t weightStride;                // from point to point of a panel of weights, in words
  int64_t inputStride, productStride;  // from point to point in a task's memory, in words

  Plan(const WinogradConvolution&, int channelsOfWord);

  int64_t panelWords() const { return kPoints * weightStride; }
  int64_t taskWords() const { return kPoints * (inputStride + productStride); }
};

Plan::Plan(const WinogradConvolution& a, int channelsOfWord) : tiles(a.n, a.h, a.w) {
  words = (a.c + channelsOfWord - 1) / channelsOfWord;
  panels = (a.k + kPanel - 1) / kPanel;
  // Every thread gets as many tasks as any other, of equal size.
  const int64_t round = int64_t(threadCount()) * kMostTiles;
  const int64_t wanted = (tiles.count + round - 1) / round * threadCount();
  const int64_t size = (tiles.count + wanted - 1) / wanted;
  blockTiles = int((size + kBlockRows - 1) / kBlockRows * kBlockRows);
  blocks = (tiles.count + blockTiles - 1) / blockTiles;
  weightStride = int64_t(words) * kPanel + kLine;
  chunkPanels = panelsAtATime(panels, panelWords());
  inputStride = (int64_t(blockTiles) * words + kLine - 1) / kLine * kLine + kLine;
  productStride = int64_t(blockTiles) * kPanel + kLine;
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
      auto* to = out + panel * plan.panelWords() + c0 / Held::kSteps * kPanel + column;
      for (int i = 0; i < inputs; i += Held::kSteps) {
        Floats points[kPoints][Held::kSteps] = {};
        for (int channel = 0; channel < Held::kSteps && i + channel < inputs; channel++) {
          Floats g[kTaps], rows[3 * kInputs];
          for (int tap = 0; tap < kTaps; tap++) g[tap] = load(taps + (tap * kLanes + i + channel) * kLanes, Full{});
          for (int s = 0; s < 3; s++) transformWeights<3, 3>(rows + s, g + s);
          for (int r = 0; r < kInputs; r++) transformWeights<1, Held::kSteps>(points[r * kInputs] + channel, rows + r * 3);
        }
        for (int point = 0; point < kPoints; point++) Held::storeSteps(to + point * plan.weightStride + i / Held::kSteps * kPanel, points[point]);
      }
    }
  });
}

/** Bᵀ d B of one tile for all channels, into in[point · plan.inputStride]. */
template <class X, class Held>
void transformTile(typename Held::Step::Element* in, const WinogradConvolution& a, const Plan& plan, Tile tile) {
  const X* pixels[kPoints];
  pixelsFrom<kInputs>(pixels, a.x, tile.n, tile.row - 1, tile.column - 1, a.h, a.w, a.c);
  forVectors(a.c, [&](int64_t c, auto lanes) {
    Floats v[kPoints];
    transformedInput(v, pixels, c, lanes);
    for (int i = 0; i < kPoints; i++) Held::storeChannels(in + i * plan.inputStride, c, v[i], lanes);
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
  const int tiles = int(plan.tiles.count - first < plan.blockTiles ? plan.tiles.count - first : plan.blockTiles);
  for (int t = 0; t < tiles; t++) transformTile<X, Held>(inputs + int64_t(t) * plan.words, a, plan, plan.tiles[first + t]);
  for (int panel = 0; panel < panels; panel++) {
    const int k0 = (firstPanel + panel) * kPanel, count = a.k - k0 < kPanel ? a.k - k0 : kPanel;
    const int columns = (count + kLanes - 1) / kLanes * kLanes;
    for (int point = 0; point < kPoints; point++) {
      tileProduct<typename Held::Step, false>(products + point * plan.productStride, kPanel, inputs + point * plan.inputStride, plan.words, 1,
                                              weights + panel * plan.panelWords() + point * plan.weightStride, kPanel, tiles, columns, plan.words);
    }
    for (int t = 0; t < tiles; t++) finishTile<Y, A>(a, plan, plan.tiles[first + t], products + int64_t(t) * kPanel, k0, count);
  }
}

template <class X, class Y, Activation A, class Held>
void compute(const WinogradConvolution& a, Scratch& scratch) {
  using Word = typename Held::Step::Element;
  const Plan plan(a, Held::kSteps);
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
