// The steps at which Winograd's algorithm holds a weight in 8 bits, once for each version of its values: convolutions then transform and round it piece by piece.
#include "kernels.h"
#include "parallel.h"
#include "winograd_filters.h"
#include "winograd_words.h"

namespace diffusionad::LOOPS_ISA {
namespace {

/** Calls body(points) for every four input channels of the output channels from k on. */
template <class Body>
void forQuads(const WinogradConvolution& a, int k, Body body) {
  for (int c0 = 0; c0 < a.c; c0 += kLanes) {
    const Filters filters(a, c0, k);
    for (int i = 0; i < kLanes; i += QuadWords::kSteps) {
      Floats points[kPoints][QuadWords::kSteps];
      filters.transformed(points, i);
      body(points);
    }
  }
}

}  // namespace

void winogradSteps(const WinogradConvolution& a) {
  const WinogradSteps& to = a.weightSteps;
  const int vectors = (a.k + kLanes - 1) / kLanes;
  parallelFor(vectors, int64_t(kPoints) * kLanes * a.c, [&](int64_t vector) {
    const int k = int(vector) * kLanes;
    Floats greatest[kPoints] = {};
    forQuads(a, k, [&](const auto& points) {
      for (int point = 0; point < kPoints; point++) {
        for (const Floats& v : points[point]) greatest[point] = larger(greatest[point], magnitude(v));
      }
    });
    for (int point = 0; point < kPoints; point++) {
      const Floats step = stepOf(greatest[point], QuadStep::kMostOfB);
      store(to.steps + point * to.stride + k, step, Full{});
      store(to.inverses + point * to.stride + k, 1.0f / step, Full{});
    }
    const WeightWriter<QuadWords> writer(a, k);
    const Words middles = kMiddles - Words{};
    Ints offsets[kPoints] = {};
    forQuads(a, k, [&](const auto& points) {
      for (int point = 0; point < kPoints; point++) offsets[point] = QuadStep::step(offsets[point], middles, writer.word(point, points[point]));
    });
    for (int point = 0; point < kPoints; point++) store(to.starts + point * to.stride + k, -offsets[point], Full{});
  });
}

}  // namespace diffusionad::LOOPS_ISA
