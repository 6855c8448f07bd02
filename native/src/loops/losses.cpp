// Losses with their gradients in the same pass; sums in two stages of fixed pieces, in float64.
#include "kernels.h"
#include "parallel.h"
#include "vector.h"

namespace diffusionad::LOOPS_ISA {
namespace {

constexpr int64_t kPiece = 4096;

struct PieceLoss {
  double focal, smooth;
};

/**
 * One probability p against one mask value m in float64. As PyTorch does, the logarithms are clamped at -100 but the gradient of BCE is
 * (p - m) / max(p·(1-p), 1e-12) throughout.
 */
PieceLoss segmentationElement(const SegmentationLoss& a, double p, double m, float* gradient, double scale) {
  const double logP = __builtin_log(p), logQ = __builtin_log1p(-p);
  const double bce = -(m * (logP < -100 ? -100 : logP) + (1 - m) * (logQ < -100 ? -100 : logQ));
  const double pt = __builtin_exp(-bce);
  const double miss = 1 - pt;
  const double lower = a.gamma == 4 ? miss * miss * miss : a.gamma == 0 ? 0 : __builtin_pow(miss, a.gamma - 1.0);  // miss^(gamma - 1)
  const double power = a.gamma == 0 ? 1 : lower * miss;
  const double variance = p * (1 - p);
  const double dbce = (p - m) / (variance < 1e-12 ? 1e-12 : variance);
  const double dfocal = a.alpha * (power + bce * a.gamma * lower * pt) * dbce;
  const double difference = p - m;
  const double distance = __builtin_fabs(difference);
  const double dsmooth = distance < 1 ? difference : difference > 0 ? 1 : -1;
  *gradient = float((a.focalWeight * dfocal + a.smoothWeight * dsmooth) * scale);
  return {a.alpha * power * bce, distance < 1 ? 0.5 * difference * difference : distance - 0.5};
}

}  // namespace

void squaredError(float* loss, float* deps, const float* eps, const float* noise, const float* weight, int64_t n, int64_t elements, bool accumulate,
                  Scratch& scratch) {
  const int64_t pieces = (elements + kPiece - 1) / kPiece;
  double* partial = static_cast<double*>(scratch.reserve(n * pieces * sizeof(double)));
  parallelFor(n * pieces, kPiece, [&](int64_t task) {
    const int64_t sample = task / pieces;
    const int64_t from = task % pieces * kPiece;
    const int64_t to = from + kPiece < elements ? from + kPiece : elements;
    const Floats factor = broadcast(float(2.0 * weight[sample] / double(elements)));
    Floats sum{};
    forVectors(to - from, [&](int64_t i, auto lanes) {
      const int64_t at = sample * elements + from + i;
      const Floats d = load(eps + at, lanes) - load(noise + at, lanes);
      sum = multiplyAdd(d, d, sum);
      store(deps + at, accumulate ? load(deps + at, lanes) + factor * d : factor * d, lanes);
    });
    partial[task] = sumOf(sum);
  });
  for (int64_t sample = 0; sample < n; sample++) {
    double sum = 0;
    for (int64_t piece = 0; piece < pieces; piece++) sum += partial[sample * pieces + piece];
    loss[sample] = float(sum / double(elements));
  }
}

void segmentationLoss(const SegmentationLoss& a, Scratch& scratch) {
  const int64_t pieces = (a.elements + kPiece - 1) / kPiece;
  PieceLoss* partial = static_cast<PieceLoss*>(scratch.reserve(pieces * sizeof(PieceLoss)));
  const double scale = 1.0 / double(a.elements);
  parallelFor(pieces, kPiece, [&](int64_t task) {
    PieceLoss sum{0, 0};
    for (int64_t i = task * kPiece; i < (task + 1) * kPiece && i < a.elements; i++) {
      const PieceLoss one = segmentationElement(a, a.pred[i], a.mask[i], a.dpred + i, scale);
      sum.focal += one.focal;
      sum.smooth += one.smooth;
    }
    partial[task] = sum;
  });
  PieceLoss total{0, 0};
  for (int64_t piece = 0; piece < pieces; piece++) {
    total.focal += partial[piece].focal;
    total.smooth += partial[piece].smooth;
  }
  a.losses[0] = float(total.focal * scale);
  a.losses[1] = float(total.smooth * scale);
}

}  // namespace diffusionad::LOOPS_ISA
