// The operations that are our own loops: their arguments, and the table through which the variant for this processor is called.
// Shapes and meanings are those of the Java interfaces in io.diffusionad.ops; activations are dense NHWC.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pages.h"

namespace diffusionad {

/** Ordinals of io.diffusionad.tensor.DType. */
enum class Type : int32_t { Float32 = 0, Bfloat16 = 1, Int64 = 2, Uint8 = 3 };
/** Ordinals of io.diffusionad.ops.Activation. */
enum class Activation : int32_t { None = 0, Silu = 1, Relu = 2, Sigmoid = 3 };
/** Ordinals of io.diffusionad.ops.Resample. */
enum class Resample : int32_t { None = 0, Up = 1, Down = 2 };

/** Storage of a bfloat16: the upper half of a float32. */
struct Bfloat16 {
  uint16_t bits;
};

inline size_t bytesOf(Type type) { return type == Type::Float32 ? 4 : type == Type::Bfloat16 ? 2 : type == Type::Int64 ? 8 : 1; }

/** Working memory of one device. It grows to the largest request and stays, so that a warm loop touches no fresh page. */
class Scratch {
 public:
  /** At least `bytes` bytes aligned to a page, valid until the next call; throws std::bad_alloc. */
  void* reserve(size_t bytes);

 private:
  Pages pages_;
};

struct ImageShape {
  int n, h, w, c;
};

/** An 8-bit number q stands for (q - zeroPoint)·scale. */
struct Quantization {
  float scale;
  int32_t zeroPoint;  // 0 … 255
};

struct NormalizeForward {
  void* y;                // of `type`, or Uint8 by `quantization`
  float *mean, *rstd;           // (N, G)
  float *runningMean, *runningVariance;  // (C) moved by momentum, or null; then n is 1 and G is C
  const void *x, *tail;         // (N, H, W, C) and (N, H, W, tailChannels) or null
  const float *gamma, *beta;
  ImageShape shape;             // of x
  int tailChannels, groups;
  float eps, momentum;
  Activation activation;
  Resample resample;
  Type yType, type;
  Quantization quantization;    // of a Uint8 y
};

/** Normalises by given statistics of every channel. */
struct NormalizeInference {
  void* y;
  const void* x;
  const float *gamma, *beta, *mean, *variance;
  ImageShape shape;
  float eps;
  Activation activation;
  Type type;
};

struct NormalizeBackward {
  void *dx, *dtail;
  float *dgamma, *dbeta;
  const void *dy, *x, *tail;
  const float *mean, *rstd, *gamma, *beta;
  ImageShape shape;
  int tailChannels, groups;
  Activation activation;
  Resample resample;
  bool accumulate;
  Type type;
};

/**
 * How Winograd's algorithm holds a weight in 8 bits: at every point of a tile (winograd_transforms.h) and for every output channel k by steps[point·stride + k].
 * Its inputs are unsigned, 128 too large: starts, laid out alike, are what sums begin with to make up for that.
 */
struct WinogradSteps {
  float *steps, *inverses;  // (kWinogradPoints, stride): and 1 / step
  int32_t* starts;          // (kWinogradPoints, stride)
  int64_t stride;           // stepsStride(k)
};

constexpr int kWinogradPoints = 36;

/** A row of steps: output channels in whole vectors of any instruction set. */
inline int64_t stepsStride(int64_t k) { return (k + 15) / 16 * 16; }

/**
 * A convolution of kernel 3 and stride 1 with its epilogue: y = activation(x * w + bias + channelBias + residual); the residual may be y.
 * Transposed, the gradient by the input of one whose output is x: weight[c][2 - r][2 - s][k] stands for weight[k][r][s][c].
 */
struct WinogradConvolution {
  void* y;
  const void* x;
  const float* weight;              // (K, 3, 3, weightChannels) from the first channel that applies; transposed: (C, 3, 3, weightChannels)
  int weightChannels;
  bool transposed;
  const float *bias, *channelBias;  // (K) and (N, K), or null
  const void* residual;             // or null
  Activation activation;
  int n, h, w, c, k;                // x (N, H, W, C), y (N, H, W, K)
  Type yType, xType;
  Quantization quantization;        // of a Uint8 x
  WinogradSteps weightSteps;        // for a Uint8 x
  const uint32_t* held;             // the weight as winogradHold left it, in place of `weight`; or null
};

/** y = (x, tail) * w + bias of kernel 1 in 8 bits: every pixel's channels are rounded by their greatest magnitude, and every output channel's weights. */
struct RoundedConvolution {
  void* y;                 // (pixels, K)
  const void *x, *tail;    // (pixels, C) and (pixels, tailChannels) or null
  const float* weight;     // (K, C + tailChannels)
  const float* bias;       // (K)
  int64_t pixels;
  int c, tailChannels, k;
  Type type;               // of x, tail and y
};

/** dw[k][r][s][offset + c] += the gradient of a convolution by its weight; types may differ. */
struct WeightGradient {
  float* dw;  // (K, R, S, channels)
  const void *dy, *x;
  int n, h, w, c;  // of x
  int p, q, k;     // of dy
  int kernel, stride;
  int channels, offset;
  Type dyType, xType;
};

struct Attention {
  void* y;              // (N, T, C)
  float* logSumExp;     // (N, heads, T)
  const void* qkv;      // (N, T, 3C)
  void* dqkv;           // backward only
  const void* dy;       // backward only
  int n, t, c, heads;
  Type type;
};

struct NormGuidance {
  float *x0Guided, *x0Noisier, *xtRenoised;  // forward; the last two may be null
  float *depsSmall, *depsBig;                // backward
  const float* dx0Guided;                    // backward
  const float *xtSmall, *xtBig, *epsSmall, *epsBig, *coefficients;
  int64_t n, elements;                       // samples, elements a sample
  float w;
};

struct SegmentationLoss {
  float *losses, *dpred;
  const float *pred, *mask;
  int64_t elements;
  float alpha, gamma, focalWeight, smoothWeight;
};

struct AdamStep {
  float *p, *m, *v;
  const float* g;
  int64_t elements;
  float beta1, beta2, eps, weightDecay, learningRate;
  int step;
};

/** Every loop operation of one instruction set. */
struct Operations {
  const char* instructionSet;
  /** Whether products of 8-bit numbers take less time than those of float32. */
  bool gainsFromInt8;
  int winogradPanel;  // output channels of one product of Winograd's algorithm

  void (*normalizeForward)(const NormalizeForward&, Scratch&);
  void (*normalizeInference)(const NormalizeInference&, Scratch&);
  void (*normalizeBackward)(const NormalizeBackward&, Scratch&);

  void (*convolutionWinograd)(const WinogradConvolution&, Scratch&);
  /** Fills weightSteps, which a convolution of a Uint8 x reads, from the weight. */
  void (*winogradSteps)(const WinogradConvolution&);
  /**
   * Transforms and rounds the weight of a convolution of a Uint8 x once for all its calls. Takes as many bytes as the plain weight, apart from which it must lie, where
   * C is a multiple of four and K one of winogradPanel.
   */
  void (*winogradHold)(uint32_t* held, const WinogradConvolution&);
  void (*convolutionRounded)(const RoundedConvolution&, Scratch&);
  void (*weightGradient)(const WeightGradient&, Scratch&);
  /** The same for kernel 3 and stride 1. */
  void (*weightGradientWinograd)(const WeightGradient&, Scratch&);
  /** y (N, H·stride, W·stride, C) zero but for y[h·stride][w·stride] = x[h][w]; y's size is given, as odd ones lose the last rows. */
  void (*dilate)(void* y, int yHeight, int yWidth, const void* x, ImageShape xShape, int stride, Type);

  void (*attentionForward)(const Attention&, Scratch&);
  void (*attentionBackward)(const Attention&, Scratch&);

  void (*resampleForward)(void* y, const void* x, ImageShape xShape, Resample, Type);
  void (*resampleBackward)(void* dx, const void* dy, ImageShape xShape, Resample, bool accumulate, Type);
  void (*maxPoolForward)(void* y, uint8_t* argmax, const void* x, ImageShape xShape, Type);
  void (*maxPoolBackward)(void* dx, const void* dy, const uint8_t* argmax, ImageShape xShape, bool accumulate, Type);
  void (*bilinearForward)(void* y, const void* x, ImageShape xShape, Type);
  void (*bilinearBackward)(void* dx, const void* dy, ImageShape xShape, Type);
  void (*copyChannels)(void* y, int yOffset, int yChannels, const void* x, int xOffset, int xChannels, int count, int64_t pixels, Type yType, Type xType);

  void (*fill)(void* y, float value, int64_t count, Type);
  void (*copy)(void* y, const void* x, int64_t count, Type yType, Type xType);
  /** y += scale·x. */
  void (*addScaled)(void* y, const void* x, float scale, int64_t count, Type yType, Type xType);
  void (*activationForward)(void* y, const void* x, int64_t count, Activation, Type);
  void (*activationBackward)(void* dx, const void* dy, const void* x, int64_t count, Activation, Type);
  void (*adamStep)(const AdamStep&);

  void (*timestepEmbedding)(float* y, const int64_t* t, int n, int d);
  void (*linearForward)(float* y, const float* x, const float* w, const float* bias, int n, int c, int k);
  void (*linearBackwardData)(float* dx, const float* dy, const float* w, int n, int c, int k, bool accumulate);
  void (*linearBackwardWeights)(float* dw, float* dbias, const float* dy, const float* x, int n, int c, int k);
  /** sums[n][c] = or += the sum of x over h and w. */
  void (*channelSums)(float* sums, const void* x, ImageShape, bool accumulate, Type, Scratch&);

  void (*gaussianNoise)(float* y, const int64_t* samples, ImageShape, uint64_t seed, uint32_t purpose);
  void (*addNoise)(float* xt, const float* x0, const float* noise, const float* coefficients, int64_t n, int64_t elements);
  void (*predictX0)(float* x0, const float* xt, const float* eps, const float* coefficients, int64_t n, int64_t elements);
  void (*normGuidanceForward)(const NormGuidance&);
  void (*normGuidanceBackward)(const NormGuidance&);
  void (*samplerStep)(float* previous, float* x0, const float* xt, const float* eps, const float* noise, const float* coefficients,
                      int64_t n, int64_t elements);

  void (*squaredError)(float* loss, float* deps, const float* eps, const float* noise, const float* weight, int64_t n, int64_t elements,
                       bool accumulate, Scratch&);
  void (*segmentationLoss)(const SegmentationLoss&, Scratch&);
};

namespace baseline { extern const Operations operations; }
namespace avx2 { extern const Operations operations; }
namespace avxvnni { extern const Operations operations; }
namespace avx512 { extern const Operations operations; }
namespace avx512vnni { extern const Operations operations; }
namespace avx512bf16 { extern const Operations operations; }

}  // namespace diffusionad
