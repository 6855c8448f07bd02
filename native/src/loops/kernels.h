// The functions behind the table of one instruction set; operations.h says what their arguments mean.
#pragma once

#include "operations.h"

namespace diffusionad::LOOPS_ISA {

void normalizeForward(const NormalizeForward&, Scratch&);
void normalizeInference(const NormalizeInference&, Scratch&);
void normalizeBackward(const NormalizeBackward&, Scratch&);
void convolutionWinograd(const WinogradConvolution&, Scratch&);
void winogradSteps(const WinogradConvolution&);
void winogradHold(uint32_t* held, const WinogradConvolution&);
void convolutionRounded(const RoundedConvolution&, Scratch&);
void weightGradient(const WeightGradient&, Scratch&);
void weightGradientWinograd(const WeightGradient&, Scratch&);
void dilate(void* y, int yHeight, int yWidth, const void* x, ImageShape xShape, int stride, Type);
void attentionForward(const Attention&, Scratch&);
void attentionBackward(const Attention&, Scratch&);
void resampleForward(void* y, const void* x, ImageShape, Resample, Type);
void resampleBackward(void* dx, const void* dy, ImageShape, Resample, bool accumulate, Type);
void maxPoolForward(void* y, uint8_t* argmax, const void* x, ImageShape, Type);
void maxPoolBackward(void* dx, const void* dy, const uint8_t* argmax, ImageShape, bool accumulate, Type);
void bilinearForward(void* y, const void* x, ImageShape, Type);
void bilinearBackward(void* dx, const void* dy, ImageShape, Type);
void copyChannels(void* y, int yOffset, int yChannels, const void* x, int xOffset, int xChannels, int count, int64_t pixels, Type yType, Type xType);
void fill(void* y, float value, int64_t count, Type);
void copy(void* y, const void* x, int64_t count, Type yType, Type xType);
void addScaled(void* y, const void* x, float scale, int64_t count, Type yType, Type xType);
void activationForward(void* y, const void* x, int64_t count, Activation, Type);
void activationBackward(void* dx, const void* dy, const void* x, int64_t count, Activation, Type);
void adamStep(const AdamStep&);
void timestepEmbedding(float* y, const int64_t* t, int n, int d);
void linearForward(float* y, const float* x, const float* w, const float* bias, int n, int c, int k);
void linearBackwardData(float* dx, const float* dy, const float* w, int n, int c, int k, bool accumulate);
void linearBackwardWeights(float* dw, float* dbias, const float* dy, const float* x, int n, int c, int k);
void channelSums(float* sums, const void* x, ImageShape, bool accumulate, Type, Scratch&);
void gaussianNoise(float* y, const int64_t* samples, ImageShape, uint64_t seed, uint32_t purpose);
void addNoise(float* xt, const float* x0, const float* noise, const float* coefficients, int64_t n, int64_t elements);
void predictX0(float* x0, const float* xt, const float* eps, const float* coefficients, int64_t n, int64_t elements);
void normGuidanceForward(const NormGuidance&);
void normGuidanceBackward(const NormGuidance&);
void samplerStep(float* previous, float* x0, const float* xt, const float* eps, const float* noise, const float* coefficients, int64_t n,
                 int64_t elements);
void squaredError(float* loss, float* deps, const float* eps, const float* noise, const float* weight, int64_t n, int64_t elements, bool accumulate,
                  Scratch&);
void segmentationLoss(const SegmentationLoss&, Scratch&);

}  // namespace diffusionad::LOOPS_ISA
