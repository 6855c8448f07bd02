// Convolutions of kernel 1 in 8 bits. Each is one matrix product, pixels by input channels times input by output channels: a pixel is a row of sums that share
// its step, an output channel a column that shares its own. Weights are rounded in each call, which takes little beside many pixels.
#include "dispatch.h"
#include "kernels.h"
#include "parallel.h"
#include "rounding.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int kPanel = kBlockWidth;  // output channels of one product
constexpr int kBlockPixels = 60;                // a whole number of any product's rows; their sums stay in the nearer caches until whole pixels are written
constexpr int kLine = 16;                       // words of a cache line

/** Channels of x or of the tail, and where their words begin. */
struct Source {
  const void* values;
  int first, channels, words;
};

struct Plan {
  Source sources[2];  // the second may have no channels
  int words, panels;

  explicit Plan(const RoundedConvolution& a)
      : sources{{a.x, 0, a.c, 0}, {a.tail, a.c, a.tailChannels, (a.c + 3) / 4}}, words((a.c + 3) / 4 + (a.tailChannels + 3) / 4), panels((a.k + kPanel - 1) / kPanel) {}
};

/** Rounded weights: by panel of output channels (words of input channels, kPanel), with a step for each channel, and what its sums start from: inputs are kMiddle too large. */
struct Weights {
  uint32_t* quads;
  float* steps;
  int32_t* starts;
};

/** Calls body(block, inputs) for kLanes input channels after the other, with the weights of kLanes output channels from k on, an input's outputs in a vector. */
template <class Body>
void forBlocks(const RoundedConvolution& a, const Plan& plan, int k, Body body) {
  const int64_t filter = a.c + a.tailChannels;
  for (const Source& source : plan.sources) {
    for (int c = 0; c < source.channels; c += kLanes) {
      const int inputs = source.channels - c < kLanes ? source.channels - c : kLanes;
      Floats block[kLanes];
      for (int i = 0; i < kLanes; i++) block[i] = k + i < a.k ? loadFew(a.weight + (k + i) * filter + source.first + c, inputs) : Floats{};
      transpose(block);
      body(block, inputs);
    }
  }
}

/** The weights of the output channels from k on. */
void roundWeights(const Weights& to, const Plan& plan, const RoundedConvolution& a, int k) {
  Floats greatest{};
  forBlocks(a, plan, k, [&](const Floats* block, int inputs) {
    for (int i = 0; i < inputs; i++) greatest = larger(greatest, magnitude(block[i]));
  });
  const Floats step = stepOf(greatest, QuadStep::kMostOfB), inverse = 1.0f / step;
  Ints offsets{};
  uint32_t* quads = to.quads + int64_t(k / kPanel) * plan.words * kPanel + k % kPanel;
  forBlocks(a, plan, k, [&](const Floats* block, int inputs) {
    for (int i = 0; i < inputs; i += 4, quads += kPanel) {
      const Words quad = roundedQuad(block + i, inverse);
      std::memcpy(quads, &quad, sizeof quad);
      offsets = QuadStep::step(offsets, kMiddles - Words{}, quad);
    }
  });
  store(to.steps + k, step, Full{});
  store(to.starts + k, -offsets, Full{});
}

/** One pixel's words; returns its step. */
template <class T>
float roundPixel(uint32_t* words, const Plan& plan, int64_t pixel) {
  Floats greatest{};
  for (const Source& source : plan.sources) {
    const T* x = static_cast<const T*>(source.values) + pixel * source.channels;
    forVectors(source.channels, [&](int64_t c, auto lanes) { greatest = larger(greatest, magnitude(load(x + c, lanes))); });
  }
  const Floats step = stepOf(broadcast(greatestOf(greatest)), kMostOfInput), inverse = 1.0f / step;
  for (const Source& source : plan.sources) {
    const T* x = static_cast<const T*>(source.values) + pixel * source.channels;
    uint8_t* bytes = reinterpret_cast<uint8_t*>(words + source.words);
    forVectorGroups<4>(source.channels, [&](int64_t c, auto lanes, auto group) {
      Floats v[decltype(group)::value];
      for (int i = 0; i < decltype(group)::value; i++) v[i] = load(x + c + i * kLanes, lanes);
      storeInputs(bytes + c, v, inverse, lanes);
    });
  }
  return step[0];
}

template <class T>
void finishPixel(const RoundedConvolution& a, const Weights& weights, const int32_t* sums, float step, int64_t pixel, int k0) {
  const int count = a.k - k0 < kPanel ? a.k - k0 : kPanel;
  forVectors(count, [&](int64_t i, auto lanes) {
    const int64_t k = k0 + i;
    const Floats sum = __builtin_convertvector(load(sums + i, Full{}), Floats);
    store(static_cast<T*>(a.y) + pixel * a.k + k, multiplyAdd(sum, load(weights.steps + k, Full{}) * step, load(a.bias + k, lanes)), lanes);
  });
}

template <class T>
void compute(const RoundedConvolution& a, Scratch& scratch) {
  const Plan plan(a);
  const int64_t channels = int64_t(plan.panels) * kPanel, panelWords = int64_t(plan.words) * kPanel;
  const int64_t inputWords = (int64_t(kBlockPixels) * plan.words + kLine - 1) / kLine * kLine, taskWords = inputWords + kBlockPixels * (channels + 1) + kLine;
  uint32_t* quads = static_cast<uint32_t*>(scratch.reserve((plan.panels * panelWords + 2 * channels + taskWords * threadCount()) * sizeof(uint32_t)));
  float* channelSteps = reinterpret_cast<float*>(quads + plan.panels * panelWords);
  const Weights weights{quads, channelSteps, reinterpret_cast<int32_t*>(channelSteps + channels)};
  uint32_t* tasks = quads + plan.panels * panelWords + 2 * channels;
  parallelFor(channels / kLanes, int64_t(kLanes) * 4 * plan.words, [&](int64_t vector) { roundWeights(weights, plan, a, int(vector) * kLanes); });
  const int64_t blocks = (a.pixels + kBlockPixels - 1) / kBlockPixels;
  parallelFor(blocks, int64_t(kBlockPixels) * (a.k + 4 * plan.words), [&](int64_t block) {
    const int64_t from = block * kBlockPixels, left = a.pixels - from;
    const int pixels = int(left < kBlockPixels ? left : kBlockPixels);
    uint32_t* inputs = tasks + threadNumber() * taskWords;
    int32_t* sums = reinterpret_cast<int32_t*>(inputs + inputWords);
    float* steps = reinterpret_cast<float*>(sums + kBlockPixels * channels);
    for (int i = 0; i < pixels; i++) steps[i] = roundPixel<T>(inputs + int64_t(i) * plan.words, plan, from + i);
    for (int panel = 0; panel < plan.panels; panel++) {
      tileProduct<QuadStep, Start::Row>(sums + panel * kPanel, channels, inputs, plan.words, 1, quads + panel * panelWords, kPanel, pixels, kPanel, plan.words,
                                        weights.starts + panel * kPanel);
    }
    for (int i = 0; i < pixels; i++) {
      for (int panel = 0; panel < plan.panels; panel++) finishPixel<T>(a, weights, sums + i * channels + panel * kPanel, steps[i], from + i, panel * kPanel);
    }
  });
}

}  // namespace

void convolutionRounded(const RoundedConvolution& a, Scratch& scratch) {
  withFloatType(a.type, [&](auto t) { compute<decltype(t)>(a, scratch); });
}

}  // namespace diffusionad::LOOPS_ISA
