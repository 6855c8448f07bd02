// Gradient of a convolution of kernel 3 and stride 1 by its weight, by Winograd's algorithm (winograd_transforms.h).
//
// The tiles are taken in rounds whose transforms stay in the second or third cache. In each round tasks transform tiles of x and of dy, and others add the
// products of one point to its sums; at the end the sums are transformed back. Rounds are cut by shape alone, and every sum is in the order of the tiles, so
// the result does not depend on the number of threads.
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "winograd_transforms.h"
#include "winograd_words.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kPanel = 64;  // channels of a panel, on either side
constexpr int kRoundTiles = 128;  // sums are read and written once for so many
constexpr int kFewChannels = 512;
constexpr int kFewChannelsWords = 64;  // of each channel in a round: transforms of few channels then stay in the second cache, which saves more than sums cost

/** How a problem is cut: panels of channels, of y in chunks whose sums fit, each point apart by a line more than it takes. */
struct Plan {
  TileGrid tiles;
  int roundTiles;
  int xPanels, yPanels, chunkPanels;
  int64_t panelWords;               // of a round, from panel to panel and from point to point
  int64_t sumsColumns, sumsStride;  // floats of a row of sums, and from point to point

  Plan(const WeightGradient& a, int tilesOfWord)
      : tiles(a.n, a.h, a.w),
        roundTiles(a.c + a.k < kFewChannels ? kFewChannelsWords * tilesOfWord : kRoundTiles),
        xPanels((a.c + kPanel - 1) / kPanel),
        yPanels((a.k + kPanel - 1) / kPanel),
        panelWords(int64_t(roundTiles / tilesOfWord) * kPanel + kLine) {
    sumsColumns = int64_t(xPanels) * kPanel;
    chunkPanels = panelsAtATime(yPanels, kPoints * kPanel * sumsColumns);
    sumsStride = int64_t(chunkPanels) * kPanel * sumsColumns + kLine;
  }

  int64_t xWords() const { return kPoints * xPanels * panelWords; }
  int64_t yWords() const { return kPoints * chunkPanels * panelWords; }
  int64_t sumsFloats() const { return kPoints * sumsStride; }
};

/** The output channels that are summed together. */
struct Chunk {
  int panels, k0, channels;
};

template <class X, class Y>
class Gradient {
 public:
  using Held = typename Products<X, Y>::Held;
  using Word = typename Held::Step::Element;

  Gradient(const WeightGradient& a, Scratch& scratch) : a_(a), plan_(a, Held::kSteps) {
    const int channels = a.c > a.k ? a.c : a.k;
    x_ = static_cast<Word*>(scratch.reserve((plan_.xWords() + plan_.yWords() + plan_.sumsFloats() + channels) * sizeof(float)));
    y_ = x_ + plan_.xWords();
    sums_ = reinterpret_cast<float*>(y_ + plan_.yWords());
    float* zeros = sums_ + plan_.sumsFloats();
    std::memset(zeros, 0, channels * sizeof(float));
    zeros_ = zeros;
  }

  void run() {
    for (int first = 0; first < plan_.yPanels; first += plan_.chunkPanels) {
      const int panels = plan_.yPanels - first < plan_.chunkPanels ? plan_.yPanels - first : plan_.chunkPanels, k0 = first * kPanel;
      const Chunk chunk{panels, k0, a_.k - k0 < panels * kPanel ? a_.k - k0 : panels * kPanel};
      for (int64_t tile = 0; tile < plan_.tiles.count; tile += plan_.roundTiles) {
        const int64_t left = plan_.tiles.count - tile;
        const int words = int((left < plan_.roundTiles ? left + Held::kSteps - 1 : plan_.roundTiles) / Held::kSteps);
        parallelFor(words, kPoints * (a_.c + chunk.channels), [&](int64_t word) { transform(chunk, tile + word * Held::kSteps, word); });
        addProducts(chunk, words, tile == 0);
      }
      finish(chunk);
    }
  }

 private:
  /** The tiles of one word, of x and of dy; zero beyond the last tile. */
  void transform(const Chunk& chunk, int64_t firstTile, int64_t word) {
    const X* inputs[Held::kSteps][kPoints];
    const Y* gradients[Held::kSteps][kOutputs * kOutputs];
    for (int step = 0; step < Held::kSteps; step++) {
      const bool inside = firstTile + step < plan_.tiles.count;
      const Tile tile = plan_.tiles[inside ? firstTile + step : 0];
      const int h = inside ? a_.h : 0;  // no pixel is inside an image without rows
      pixelsFrom<kInputs>(inputs[step], a_.x, static_cast<const X*>(zeros_), tile.n, tile.row - 1, tile.column - 1, h, a_.w, a_.c);
      pixelsFrom<kOutputs>(gradients[step], a_.dy, static_cast<const Y*>(zeros_), tile.n, tile.row, tile.column, h, a_.w, a_.k);
    }
    forVectors(a_.c, [&](int64_t c, auto lanes) {
      Floats v[Held::kSteps][kPoints];
      for (int step = 0; step < Held::kSteps; step++) {
        transformedInput(inputs[step], c, a_.c, lanes, [&](int point, Floats value) { v[step][point] = value; });
      }
      storePoints(x_, plan_.xPanels, word, c, v);
    });
    forVectors(chunk.channels, [&](int64_t k, auto lanes) {
      Floats v[Held::kSteps][kPoints];
      for (int step = 0; step < Held::kSteps; step++) transformedGradient(v[step], gradients[step], chunk.k0 + k, a_.k, lanes);
      storePoints(y_, chunk.panels, word, k, v);
    });
  }

  /** A dY Aᵀ for the channels from k on. */
  template <class Lanes>
  static void transformedGradient(Floats* v, const Y* const* pixels, int64_t k, int channels, Lanes lanes) {
    prefetchNextTile<kOutputs>(pixels, k, channels);
    Floats y[kOutputs * kOutputs], rows[kInputs * kOutputs];
    for (int i = 0; i < kOutputs * kOutputs; i++) y[i] = load(pixels[i] + k, lanes);
    for (int s = 0; s < kOutputs; s++) transformGradient<kOutputs, kOutputs>(rows + s, y + s);
    for (int r = 0; r < kInputs; r++) transformGradient<1, 1>(v + r * kInputs, rows + r * kOutputs);
  }

  void storePoints(Word* to, int panels, int64_t word, int64_t channel, const Floats (*v)[kPoints]) const {
    for (int point = 0; point < kPoints; point++) {
      Floats steps[Held::kSteps];
      for (int step = 0; step < Held::kSteps; step++) steps[step] = v[step][point];
      Held::storeSteps(to + (int64_t(point) * panels + channel / kPanel) * plan_.panelWords + word * kPanel + channel % kPanel, steps);
    }
  }

  void addProducts(const Chunk& chunk, int words, bool first) {
    const auto product = first ? tileProduct<typename Held::Step, Start::Zero> : tileProduct<typename Held::Step, Start::Sums>;
    const int64_t tasks = int64_t(kPoints) * chunk.panels * plan_.xPanels;
    parallelFor(tasks, int64_t(words) * kPanel * kPanel, [&](int64_t task) {
      const int xPanel = int(task % plan_.xPanels);
      const int64_t yPanel = task / plan_.xPanels % chunk.panels, point = task / plan_.xPanels / chunk.panels;
      const int rows = chunk.channels - int(yPanel) * kPanel < kPanel ? chunk.channels - int(yPanel) * kPanel : kPanel;
      const int channels = a_.c - xPanel * kPanel < kPanel ? a_.c - xPanel * kPanel : kPanel, columns = (channels + kLanes - 1) / kLanes * kLanes;
      float* sums = sums_ + point * plan_.sumsStride + yPanel * kPanel * plan_.sumsColumns + xPanel * kPanel;
      const Word* y = y_ + (point * chunk.panels + yPanel) * plan_.panelWords;
      const Word* x = x_ + (point * plan_.xPanels + xPanel) * plan_.panelWords;
      product(sums, plan_.sumsColumns, y, 1, kPanel, x, kPanel, rows, columns, words, nullptr);
    });
  }

  /** dw += Gᵀ sums G. */
  void finish(const Chunk& chunk) {
    parallelFor(chunk.channels, int64_t(kPoints) * a_.c, [&](int64_t k) {
      float* dw = a_.dw + (chunk.k0 + k) * kTaps * a_.channels + a_.offset;
      forVectors(a_.c, [&](int64_t c, auto lanes) {
        Floats m[kPoints];
        for (int point = 0; point < kPoints; point++) m[point] = load(sums_ + point * plan_.sumsStride + k * plan_.sumsColumns + c, Full{});
        for (int s = 0; s < kInputs; s++) transformWeightGradient<kInputs>(m + s);
        for (int r = 0; r < 3; r++) {
          transformWeightGradient<1>(m + r * kInputs);
          for (int s = 0; s < 3; s++) {
            float* to = dw + int64_t(r * 3 + s) * a_.channels + c;
            store(to, load(to, lanes) + m[r * kInputs + s], lanes);
          }
        }
      });
    });
  }

  const WeightGradient& a_;
  const Plan plan_;
  Word *x_, *y_;  // (kPoints, panels, words, kPanel)
  float* sums_;   // (kPoints, output channels, input channels)
  const void* zeros_;  // a pixel outside the image
};

}  // namespace

void weightGradientWinograd(const WeightGradient& a, Scratch& scratch) {
  withFloatType(a.xType, [&](auto x) {
    withFloatType(a.dyType, [&](auto dy) { Gradient<decltype(x), decltype(dy)>(a, scratch).run(); });
  });
}

}  // namespace diffusionad::LOOPS_ISA
