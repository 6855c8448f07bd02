// What every convolution kernel is told, and the index arithmetic that they share. The Java classes CudaConvolution and
// CudaConvolutionWeights write these structs field by field: keep both in step.
#pragma once
#include "common/device.cuh"

// One description for two operations, because the gradient by the input is itself a convolution over dy with the kernel turned by 180 degrees:
//
//   output(n, p, q, k) = epilogue( sum over r, s, c of  input(n, hi, wi, c) * weight[k * weightRow + (r * kernel + s) * weightTap + c * weightChannel] )
//   hi = (p * stride - pad + r) / 2^divide, likewise wi; a term counts only where the division is exact and the pixel lies inside.
//
//   forward:        stride = the layer's, divide = 0
//   backward data:  stride = 1, divide = log2(the layer's stride), weight strides swapped and the taps walked backwards
struct ConvArguments {
    const void* input;        // (n, h, w, c)
    const void* weight;       // the element of (k = 0, tap = 0, c = 0)
    void* output;             // (n, p, q, k)
    const float* bias;        // (k) or null
    const float* channelBias; // (n, k) or null
    const void* residual;     // like output, or null; may be output itself
    float* partial;           // (splits, n*p*q, k) when splits > 1
    int64_t weightRow, weightTap, weightChannel;
    int32_t n, h, w, c;
    int32_t p, q, k, kernel;
    int32_t stride, divide, pad, activation;
    int32_t splits;
    int32_t stepsPerSplit; // in reduction tiles of the kernel
};

// Where an output pixel reads its input: the sample's first element, and the position of tap (0, 0) before the division.
struct PixelOrigin {
    int64_t sample;
    int32_t h, w;
};

// Rows past the end get an origin outside of every image, so that none of their taps is valid.
DEVICE PixelOrigin pixel_origin(const ConvArguments& a, int64_t m) {
    const int64_t pixels = int64_t(a.p) * a.q;
    if (m >= a.n * pixels) {
        return {0, -(1 << 20), -(1 << 20)};
    }
    const int32_t n = int32_t(m / pixels);
    const int32_t pixel = int32_t(m - n * pixels);
    const int32_t p = pixel / a.q;
    const int32_t q = pixel - p * a.q;
    return {int64_t(n) * a.h * a.w * a.c, p * a.stride - a.pad, q * a.stride - a.pad};
}

// Element offset of channel 0 at tap (r, s), or -1 where the tap falls outside of the input or between its pixels.
DEVICE int64_t tap_offset(const ConvArguments& a, const PixelOrigin& origin, int r, int s) {
    const int32_t h = origin.h + r;
    const int32_t w = origin.w + s;
    const int32_t between = (1 << a.divide) - 1;
    const int32_t hi = h >> a.divide;
    const int32_t wi = w >> a.divide;
    if (h < 0 || w < 0 || hi >= a.h || wi >= a.w || ((h | w) & between) != 0) {
        return -1;
    }
    return origin.sample + (int64_t(hi) * a.w + wi) * a.c;
}

// Position in the reduction over (r, s, c), advanced in fixed steps of channels without a division. A tap's last step may be partial.
struct TapCursor {
    int32_t tap, r, s, c;

    DEVICE void seek(int32_t kernel, int32_t atTap, int32_t atChannel) {
        tap = atTap;
        r = atTap / kernel;
        s = atTap - r * kernel;
        c = atChannel;
    }

    DEVICE void advance(int32_t step, int32_t channels, int32_t kernel) {
        c += step;
        if (c >= channels) {
            c = 0;
            tap++;
            if (++s == kernel) {
                s = 0;
                r++;
            }
        }
    }
};

// Gradient by the weight:
//   dw[k * dwRow + tap * dwTap + c] += sum over n, p, q of  dy(n, p, q, k) * x(n, p * stride - pad + r, q * stride - pad + s, c)
struct ConvWeightsArguments {
    const void* dy; // (n, p, q, k)
    const void* x;  // (n, h, w, c)
    float* dw;      // the first element touched
    float* partial; // (splits, k, kernel*kernel, c) when splits > 1
    int64_t dwRow, dwTap;
    int32_t n, h, w, c;
    int32_t p, q, k, kernel;
    int32_t stride, pad;
    int32_t splits;
    int32_t pixelsPerSplit; // a multiple of 16
};

// Element offset in x of channel 0 at the given tap of output pixel m, or -1 outside.
DEVICE int64_t tap_offset(const ConvWeightsArguments& a, int64_t m, int r, int s) {
    const int32_t pixels = a.p * a.q;
    const int32_t n = int32_t(m / pixels);
    const int32_t pixel = int32_t(m - int64_t(n) * pixels);
    const int32_t p = pixel / a.q;
    const int32_t h = p * a.stride - a.pad + r;
    const int32_t w = (pixel - p * a.q) * a.stride - a.pad + s;
    if (n >= a.n || h < 0 || w < 0 || h >= a.h || w >= a.w) {
        return -1;
    }
    return ((int64_t(n) * a.h + h) * a.w + w) * a.c;
}

// Adds to one element of dw, or sets it in this split's part of the partial sums.
DEVICE void conv_weights_store(const ConvWeightsArguments& a, int32_t split, int32_t k, int32_t tap, int32_t c, float sum) {
    if (a.splits > 1) {
        const int32_t taps = a.kernel * a.kernel;
        a.partial[((int64_t(split) * a.k + k) * taps + tap) * a.c + c] = sum;
    } else {
        a.dw[k * a.dwRow + tap * a.dwTap + c] += sum;
    }
}
