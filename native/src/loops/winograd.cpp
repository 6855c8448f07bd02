// Convolutions of kernel 3 and stride 1 by Winograd's algorithm (winograd_transforms.h), forward and by data.
//
// Weights are transformed in each call: copies held would take four times their memory. (In 8 bits they take as much as the plain ones, and may stand in their
// place: winogradHold.) Of many tiles each task takes a block, whose inputs it transforms once,
// through panels of weights that were transformed before. Of few tiles all are transformed before, and each task takes them through one panel of weights, which
// it transforms piece by piece into the nearest caches: written to memory and read again, they would take longer than the products.
// Every product is one sum in the order of the channels: how a problem is cut never shows in the result.
// Limit: a tile's outputs share its inputs, so a NaN or infinity spreads to all outputs of the tiles that read it.
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "winograd_bytes.h"
#include "winograd_filters.h"
#include "winograd_words.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kPanel = kBlockWidth;  // output channels of one product
constexpr int kMostTiles = 48;                  // of a block: transformed weights are read once for so many
constexpr int kFewTiles = 64;                   // of all images together
constexpr int64_t kPieceBytes = 512 << 10;      // of a panel of few tiles: half of a second cache
/** Words of a piece. */
constexpr int kPiece = int(kPieceBytes / (kPoints * kPanel * 4)) / kLine * kLine;

/**
 * What is transformed lies point by point, tiles by words of input channels, words by output channels, or tiles by output channels. Points are apart by a line
 * more than they take, or all would share cache sets.
 */
struct Plan {
  TileGrid tiles;
  int panels, words;  // of the output channels; of the input channels

  Plan(const WinogradConvolution& a, int channelsOfWord)
      : tiles(a.n, a.h, a.w), panels((a.k + kPanel - 1) / kPanel), words((a.c + channelsOfWord - 1) / channelsOfWord) {}

  int64_t inputStride(int tiles) const { return (int64_t(tiles) * words + kLine - 1) / kLine * kLine + kLine; }
  static int64_t weightStride(int words) { return int64_t(words) * kPanel + kLine; }
  static int64_t productStride(int tiles) { return int64_t(tiles) * kPanel + kLine; }
};

/** Working memory: words for the caller, a pixel of zeros for what lies outside the image, and what a tile takes on its way, for every thread, where tiles are rounded. */
template <class Held>
struct Memory {
  using Word = typename Held::Step::Element;
  Word* words;
  const void* zeros;

  Memory(Scratch& scratch, const WinogradConvolution& a, int64_t count) {
    tileWords_ = Held::kRounded ? RoundedTile::words(a.c) : 0;
    words = static_cast<Word*>(scratch.reserve((count + a.c + tileWords_ * threadCount()) * sizeof(Word)));
    zeros = words + count;
    std::memset(words + count, a.xType == Type::Uint8 ? a.quantization.zeroPoint : 0, a.c * sizeof(Word));
    tiles_ = words + count + a.c;
  }
  Word* tileOfThread() const { return tiles_ + threadNumber() * tileWords_; }

 private:
  int64_t tileWords_;
  Word* tiles_;
};

/** Transformed inputs of some tiles: from the first word, and from point to point; where they are rounded, the steps of each tile by point. */
template <class Held>
struct Inputs {
  typename Held::Step::Element* words;
  int64_t stride;
  float* steps;
  int tiles;

  /** Words of memory that the steps of some tiles take. */
  static int64_t stepsOf(int tiles) { return Held::kRounded ? int64_t(tiles) * kPoints : 0; }
};

/** G g Gᵀ for a panel of weights and the kLanes input channels from c0 on: point by point, `stride` words apart, (words, kPanel) for each. */
template <class Held>
void transformPanel(typename Held::Step::Element* out, int64_t stride, const WinogradConvolution& a, int panel, int c0) {
  const int inputs = a.c - c0 < kLanes ? a.c - c0 : kLanes, k0 = panel * kPanel;
  for (int column = 0; column < kPanel && k0 + column < a.k; column += kLanes) {
    const Filters filters(a, c0, k0 + column);
    const WeightWriter<Held> write(a, k0 + column);
    auto* to = out + column;
    for (int i = 0; i < inputs; i += Held::kSteps, to += kPanel) {
      Floats points[kPoints][Held::kSteps];
      filters.transformed(points, i);
      for (int point = 0; point < kPoints; point++) write(to + point * stride, point, points[point]);
    }
  }
}

/** Bᵀ d B of one tile for all channels, into the tile of that index. */
template <class X, class Held>
void transformTile(const Inputs<Held>& to, int64_t index, const Plan& plan, const WinogradConvolution& a, const Memory<Held>& memory, Tile tile) {
  const X* pixels[kPoints];
  pixelsFrom<kInputs>(pixels, a.x, static_cast<const X*>(memory.zeros), tile.n, tile.row - 1, tile.column - 1, a.h, a.w, a.c);
  auto* words = to.words + index * plan.words;
  if constexpr (Held::kRounded) {
    RoundedTile rounded(memory.tileOfThread(), a.c);
    rounded.transform(pixels, a.quantization.zeroPoint);
    rounded.finish(words, to.stride, to.steps + index * kPoints, a.quantization.scale);
  } else {
    forVectors(a.c, [&](int64_t c, auto lanes) {
      transformedInput(pixels, c, a.c, lanes, [&](int point, Floats v) { Held::storeChannels(words + point * to.stride, c, v, lanes); });
    });
  }
}

/** What some sums at a point stand for. */
inline Floats valueOf(Floats sums, const WinogradConvolution&, int, int64_t, const float*) { return sums; }
inline Floats valueOf(Ints sums, const WinogradConvolution& a, int point, int64_t k, const float* tileSteps) {
  const int64_t at = point * a.weightSteps.stride + k;
  return __builtin_convertvector(sums, Floats) * (load(a.weightSteps.steps + at, Full{}) * tileSteps[point]);
}

/** Aᵀ m A of one tile for the `count` output channels from k0 on, with the epilogue. */
template <class Y, Activation A, class Sum>
void finishTile(const WinogradConvolution& a, Tile tile, const Sum* products, int64_t stride, const float* tileSteps, int k0, int count) {
  const int rows = a.h - tile.row < kOutputs ? a.h - tile.row : kOutputs, columns = a.w - tile.column < kOutputs ? a.w - tile.column : kOutputs;
  const int64_t first = ((tile.n * a.h + tile.row) * a.w + tile.column) * a.k + k0;
  forVectors(count, [&](int64_t k, auto lanes) {
    Floats m[kOutputs * kInputs];
    for (int s = 0; s < kInputs; s++) {
      Floats column[kInputs];
      for (int r = 0; r < kInputs; r++) {
        const int point = r * kInputs + s;
        column[r] = valueOf(load(products + point * stride + k, Full{}), a, point, k0 + k, tileSteps);
      }
      transformOutput<1>(column);
      for (int r = 0; r < kOutputs; r++) m[r * kInputs + s] = column[r];
    }
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

/** A panel of output channels. */
struct Panel {
  int k0, channels, columns;  // columns: the channels in whole vectors

  Panel(const WinogradConvolution& a, int index) : k0(index * kPanel), channels(a.k - k0 < kPanel ? a.k - k0 : kPanel), columns((channels + kLanes - 1) / kLanes * kLanes) {}
};

/** What the sums of a panel start from, and from point to point: nothing, or what makes up for inputs that are kMiddle too large. */
template <class Held>
struct Starts {
  static constexpr Start kFirst = Start::Zero;
  const typename Held::Step::Sum* row = nullptr;
  int64_t stride = 0;
  Starts(const WinogradConvolution&, int) {}
};
template <>
struct Starts<QuadWords> {
  static constexpr Start kFirst = Start::Row;
  const int32_t* row;
  int64_t stride;
  Starts(const WinogradConvolution& a, int k0) : row(a.weightSteps.starts + k0), stride(a.weightSteps.stride) {}
};

/** Products of some words of the inputs, from `word` on, at every point; of the first words, or added to those of words before. */
template <class Held, Start From>
void multiplyPoints(typename Held::Step::Sum* products, const Plan& plan, const Inputs<Held>& inputs, int word, const typename Held::Step::Element* weights,
                    int64_t weightStride, int words, int columns, Starts<Held> starts) {
  for (int point = 0; point < kPoints; point++) {
    tileProduct<typename Held::Step, From>(products + point * Plan::productStride(inputs.tiles), kPanel, inputs.words + word + point * inputs.stride, plan.words, 1,
                                           weights + point * weightStride, kPanel, inputs.tiles, columns, words, starts.row + point * starts.stride);
  }
}

/** A weight that winogradHold left: panel by panel, point by point. */
template <class Held>
struct HeldWeight {
  const typename Held::Step::Element* words;  // or null
  int64_t stride;                             // from point to point

  HeldWeight(const WinogradConvolution& a, const Plan& plan)
      : words(Held::kRounded ? reinterpret_cast<const typename Held::Step::Element*>(a.held) : nullptr), stride(int64_t(plan.words) * kPanel) {}
  const typename Held::Step::Element* panel(int index) const { return words + index * kPoints * stride; }
};

template <class Y, class Held>
void finishTiles(const WinogradConvolution& a, const Plan& plan, int64_t first, const Inputs<Held>& inputs, const typename Held::Step::Sum* products, Panel panel) {
  withActivation(a.activation, [&](auto function) {
    for (int t = 0; t < inputs.tiles; t++) {
      finishTile<Y, decltype(function)::value>(a, plan.tiles[first + t], products + int64_t(t) * kPanel, Plan::productStride(inputs.tiles), inputs.steps + t * kPoints,
                                               panel.k0, panel.channels);
    }
  });
}

/** For many tiles: transformed weights of some panels are shared by all tasks. */
template <class X, class Y, class Held>
void computeByTiles(const WinogradConvolution& a, const Plan& plan, Scratch& scratch) {
  using Word = typename Held::Step::Element;
  using Sum = typename Held::Step::Sum;
  // Every thread gets as many blocks as any other, of equal size.
  const int64_t round = int64_t(threadCount()) * kMostTiles, wanted = (plan.tiles.count + round - 1) / round * threadCount();
  constexpr int kRows = Held::Step::kRows;
  const int blockTiles = int(((plan.tiles.count + wanted - 1) / wanted + kRows - 1) / kRows * kRows);
  const int64_t blocks = (plan.tiles.count + blockTiles - 1) / blockTiles;
  const int64_t inputStride = plan.inputStride(blockTiles), stepWords = Inputs<Held>::stepsOf(blockTiles);
  const int64_t taskWords = kPoints * (inputStride + Plan::productStride(blockTiles)) + stepWords;
  const HeldWeight<Held> held(a, plan);
  const bool holds = held.words != nullptr;
  const int64_t weightStride = holds ? held.stride : Plan::weightStride(plan.words), panelWords = kPoints * weightStride;
  const int chunk = holds ? plan.panels : panelsAtATime(plan.panels, panelWords), inputBlocks = (a.c + kLanes - 1) / kLanes;
  const int64_t weightWords = holds ? 0 : chunk * panelWords;
  const Memory<Held> memory(scratch, a, weightWords + taskWords * threadCount());
  const Word* weights = holds ? held.words : memory.words;
  for (int firstPanel = 0; firstPanel < plan.panels; firstPanel += chunk) {
    const int panels = plan.panels - firstPanel < chunk ? plan.panels - firstPanel : chunk;
    parallelFor(holds ? 0 : int64_t(inputBlocks) * panels, kPoints * kLanes * kPanel, [&](int64_t task) {
      const int panel = int(task / inputBlocks), c0 = int(task % inputBlocks) * kLanes;
      transformPanel<Held>(memory.words + panel * panelWords + c0 / Held::kSteps * kPanel, weightStride, a, firstPanel + panel, c0);
    });
#pragma omp parallel for schedule(dynamic) if (blocks > 1)
    for (int64_t block = 0; block < blocks; block++) {
      Word* words = memory.words + weightWords + threadNumber() * taskWords;
      Sum* products = reinterpret_cast<Sum*>(words + kPoints * inputStride + stepWords);
      const int64_t first = block * blockTiles;
      const int tiles = int(plan.tiles.count - first < blockTiles ? plan.tiles.count - first : blockTiles);
      const Inputs<Held> inputs{words, inputStride, reinterpret_cast<float*>(words + kPoints * inputStride), tiles};
      for (int t = 0; t < tiles; t++) transformTile<X, Held>(inputs, t, plan, a, memory, plan.tiles[first + t]);
      for (int i = 0; i < panels; i++) {
        const Panel panel(a, firstPanel + i);
        multiplyPoints<Held, Starts<Held>::kFirst>(products, plan, inputs, 0, weights + i * panelWords, weightStride, plan.words, panel.columns, Starts<Held>(a, panel.k0));
        finishTiles<Y>(a, plan, first, inputs, products, panel);
      }
    }
  }
}

/** For few tiles: these are shared by all tasks. */
template <class X, class Y, class Held>
void computeByPanels(const WinogradConvolution& a, const Plan& plan, Scratch& scratch) {
  using Word = typename Held::Step::Element;
  using Sum = typename Held::Step::Sum;
  const int tiles = int(plan.tiles.count);
  const int64_t inputStride = plan.inputStride(tiles), inputWords = kPoints * inputStride + Inputs<Held>::stepsOf(tiles);
  const HeldWeight<Held> held(a, plan);
  const int64_t weightWords = held.words != nullptr ? 0 : kPoints * Plan::weightStride(kPiece), taskWords = weightWords + kPoints * Plan::productStride(tiles);
  const Memory<Held> memory(scratch, a, inputWords + taskWords * threadCount());
  const Inputs<Held> inputs{memory.words, inputStride, reinterpret_cast<float*>(memory.words + kPoints * inputStride), tiles};
  parallelFor(tiles, int64_t(kPoints) * a.c, [&](int64_t tile) { transformTile<X, Held>(inputs, tile, plan, a, memory, plan.tiles[tile]); });
#pragma omp parallel for schedule(dynamic) if (plan.panels > 1)
  for (int i = 0; i < plan.panels; i++) {
    const Panel panel(a, i);
    Word* weights = memory.words + inputWords + threadNumber() * taskWords;
    Sum* products = reinterpret_cast<Sum*>(weights + weightWords);
    const Starts<Held> starts(a, panel.k0);
    const auto multiplyFirst = multiplyPoints<Held, Starts<Held>::kFirst>;
    if (held.words != nullptr) multiplyFirst(products, plan, inputs, 0, held.panel(i), held.stride, plan.words, panel.columns, starts);
    for (int word = 0; word < plan.words && held.words == nullptr; word += kPiece) {
      const int words = plan.words - word < kPiece ? plan.words - word : kPiece;
      for (int done = 0; done < words; done += kLanes / Held::kSteps) {
        transformPanel<Held>(weights + int64_t(done) * kPanel, Plan::weightStride(words), a, i, (word + done) * Held::kSteps);
      }
      const auto multiply = word == 0 ? multiplyFirst : multiplyPoints<Held, Start::Sums>;
      multiply(products, plan, inputs, word, weights, Plan::weightStride(words), words, panel.columns, starts);
    }
    finishTiles<Y>(a, plan, 0, inputs, products, panel);
  }
}

template <class X, class Y, class Held>
void compute(const WinogradConvolution& a, Scratch& scratch) {
  const Plan plan(a, Held::kSteps);
  if (plan.tiles.count <= kFewTiles && plan.panels >= threadCount()) {
    computeByPanels<X, Y, Held>(a, plan, scratch);
  } else {
    computeByTiles<X, Y, Held>(a, plan, scratch);
  }
}

}  // namespace

void winogradHold(uint32_t* held, const WinogradConvolution& a) {
  const Plan plan(a, QuadWords::kSteps);
  const int64_t stride = HeldWeight<QuadWords>(a, plan).stride;
  const int inputBlocks = (a.c + kLanes - 1) / kLanes;
  parallelFor(int64_t(inputBlocks) * plan.panels, kPoints * kLanes * kPanel, [&](int64_t task) {
    const int panel = int(task / inputBlocks), c0 = int(task % inputBlocks) * kLanes;
    transformPanel<QuadWords>(held + panel * kPoints * stride + c0 / QuadWords::kSteps * kPanel, stride, a, panel, c0);
  });
}

void convolutionWinograd(const WinogradConvolution& a, Scratch& scratch) {
  withSourceType(a.xType, [&](auto x) {
    withFloatType(a.yType, [&](auto y) {
      using X = decltype(x);
      using Y = decltype(y);
      compute<X, Y, typename Products<X, Y>::Held>(a, scratch);
    });
  });
}

}  // namespace diffusionad::LOOPS_ISA
