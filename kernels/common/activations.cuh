// Pointwise functions, numbered as the engine's Activation.
#pragma once
#include "platform.cuh"

enum Activation : int { kNone = 0, kSilu = 1, kRelu = 2, kSigmoid = 3 };

DEVICE float sigmoid(float x) { return 1.f / (1.f + expf(-x)); }

DEVICE float activate(float x, int activation) {
    switch (activation) {
        case kSilu: return x * sigmoid(x);
        case kRelu: return x > 0.f ? x : (x != x ? x : 0.f); // NaN stays NaN
        case kSigmoid: return sigmoid(x);
        default: return x;
    }
}

// Derivative by the function's input x, for kNone, kSilu and kRelu.
DEVICE float activation_slope(float x, int activation) {
    if (activation == kSilu) {
        const float s = sigmoid(x);
        return s * (1.f + x * (1.f - s));
    }
    if (activation == kRelu) {
        return x > 0.f ? 1.f : 0.f;
    }
    return 1.f;
}
