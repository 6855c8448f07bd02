// The diffusion formulas on float32 images, pointwise; one row of coefficients a sample. Products and sums are rounded one by one on every
// instruction set, so that the results do not depend on it.
#include "kernels.h"
#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int64_t kPiece = 4096;

/** body(element, lanes, coefficients of the sample). */
template <class Body>
void forSamples(int64_t n, int64_t elements, const float* coefficients, int perSample, Body body) {
  const int64_t pieces = (elements + kPiece - 1) / kPiece;
  parallelFor(n * pieces, kPiece, [&](int64_t task) {
    const int64_t sample = task / pieces;
    const int64_t from = task % pieces * kPiece;
    const int64_t to = from + kPiece < elements ? from + kPiece : elements;
    const float* c = coefficients + sample * perSample;
    forVectors(to - from, [&](int64_t i, auto lanes) { body(sample * elements + from + i, lanes, c); });
  });
}

inline Floats clampToUnit(Floats v) { return atLeast(atMost(v, 1.0f), -1.0f); }

/** 1 where the clamp to [-1, 1] lets a gradient pass, bounds included. */
inline Floats clampSlope(Floats v) { return (v >= -1.0f) & (v <= 1.0f) ? broadcast(1.0f) : Floats{}; }

}  // namespace

void addNoise(float* xt, const float* x0, const float* noise, const float* coefficients, int64_t n, int64_t elements) {
  forSamples(n, elements, coefficients, 2, [&](int64_t i, auto lanes, const float* c) {
    store(xt + i, c[0] * load(x0 + i, lanes) + c[1] * load(noise + i, lanes), lanes);
  });
}

void predictX0(float* x0, const float* xt, const float* eps, const float* coefficients, int64_t n, int64_t elements) {
  forSamples(n, elements, coefficients, 2, [&](int64_t i, auto lanes, const float* c) {
    store(x0 + i, clampToUnit(c[0] * load(xt + i, lanes) - c[1] * load(eps + i, lanes)), lanes);
  });
}

void normGuidanceForward(const NormGuidance& a) {
  forSamples(a.n, a.elements, a.coefficients, 6, [&](int64_t i, auto lanes, const float* c) {
    const Floats small = load(a.xtSmall + i, lanes), epsSmall = load(a.epsSmall + i, lanes);
    const Floats x0Noisier = clampToUnit(c[4] * load(a.xtBig + i, lanes) - c[5] * load(a.epsBig + i, lanes));
    const Floats renoised = c[0] * x0Noisier + c[1] * epsSmall;
    const Floats guided = epsSmall - c[1] * a.w * (renoised - small);
    store(a.x0Guided + i, clampToUnit(c[2] * small - c[3] * guided), lanes);
    if (a.x0Noisier != nullptr) store(a.x0Noisier + i, x0Noisier, lanes);
    if (a.xtRenoised != nullptr) store(a.xtRenoised + i, renoised, lanes);
  });
}

void normGuidanceBackward(const NormGuidance& a) {
  forSamples(a.n, a.elements, a.coefficients, 6, [&](int64_t i, auto lanes, const float* c) {
    const Floats small = load(a.xtSmall + i, lanes), epsSmall = load(a.epsSmall + i, lanes);
    const Floats noisier = c[4] * load(a.xtBig + i, lanes) - c[5] * load(a.epsBig + i, lanes);
    const Floats renoised = c[0] * clampToUnit(noisier) + c[1] * epsSmall;
    const Floats guided = epsSmall - c[1] * a.w * (renoised - small);
    const Floats dguided = -c[3] * (load(a.dx0Guided + i, lanes) * clampSlope(c[2] * small - c[3] * guided));
    const Floats drenoised = -(c[1] * a.w) * dguided;
    store(a.depsSmall + i, dguided + c[1] * drenoised, lanes);
    store(a.depsBig + i, -c[5] * (c[0] * drenoised * clampSlope(noisier)), lanes);
  });
}

void samplerStep(float* previous, float* x0, const float* xt, const float* eps, const float* noise, const float* coefficients, int64_t n,
                 int64_t elements) {
  forSamples(n, elements, coefficients, 5, [&](int64_t i, auto lanes, const float* c) {
    const Floats x = load(xt + i, lanes);
    const Floats start = clampToUnit(c[0] * x - c[1] * load(eps + i, lanes));
    Floats next = c[2] * start + c[3] * x;
    if (noise != nullptr) next += c[4] * load(noise + i, lanes);
    store(x0 + i, start, lanes);
    store(previous + i, next, lanes);
  });
}

}  // namespace diffusionad::LOOPS_ISA
