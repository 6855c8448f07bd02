// The table of this instruction set.
#include "kernels.h"
#include "tile_product.h"

#define LOOPS_STRING_OF(name) #name
#define LOOPS_STRING(name) LOOPS_STRING_OF(name)

namespace diffusionad::LOOPS_ISA {

// A constant: code that filled it when the library is loaded would be of this instruction set, which the processor may lack.
constexpr Operations operations = {
    LOOPS_STRING(LOOPS_ISA),
#if defined(__AVX2__)
    true,
#else
    false,
#endif
    kBlockWidth,
    normalizeForward, normalizeInference, normalizeBackward,
    convolutionWinograd, winogradSteps, winogradHold, convolutionRounded, weightGradient, weightGradientWinograd, dilate,
    attentionForward, attentionBackward,
    resampleForward, resampleBackward, maxPoolForward, maxPoolBackward, bilinearForward, bilinearBackward, copyChannels,
    fill, copy, addScaled, activationForward, activationBackward, adamStep,
    timestepEmbedding, linearForward, linearBackwardData, linearBackwardWeights, channelSums,
    gaussianNoise, addNoise, predictX0, normGuidanceForward, normGuidanceBackward, samplerStep,
    squaredError, segmentationLoss,
};

}  // namespace diffusionad::LOOPS_ISA
