// The last step of a convolution: activation(sum + bias[k] + channelBias[n][k] + residual), once, in float32, then rounded to the output's type.
#pragma once
#include "conv_arguments.cuh"

// Four consecutive channels of output pixel m, from k on. Where the channels are a multiple of four they go as one vector (the host sees to
// the alignment of output and residual); bias rows lie anywhere in the parameter slab and are read one by one.
template <class Output> DEVICE void conv_store4(const ConvArguments& a, int64_t m, int32_t k, const float (&sum)[4]) {
    const bool vector = (a.k & 3) == 0;
    const int32_t count = a.k - k < 4 ? a.k - k : 4;
    const int64_t at = m * a.k + k;
    float v[4] = {sum[0], sum[1], sum[2], sum[3]};
    if (a.bias != nullptr) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            v[i] += i < count ? a.bias[k + i] : 0.f;
        }
    }
    if (a.channelBias != nullptr) {
        const float* row = a.channelBias + m / (int64_t(a.p) * a.q) * a.k + k;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            v[i] += i < count ? row[i] : 0.f;
        }
    }
    if (a.residual != nullptr) {
        const Output* residual = static_cast<const Output*>(a.residual) + at;
        float r[4] = {0.f, 0.f, 0.f, 0.f};
        if (vector) {
            load_vector(r, residual);
        } else {
#pragma unroll
            for (int i = 0; i < 4; i++) {
                r[i] = i < count ? to_float(residual[i]) : 0.f;
            }
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            v[i] += r[i];
        }
    }
    if (a.activation != kNone) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            v[i] = activate(v[i], a.activation);
        }
    }
    Output* output = static_cast<Output*>(a.output) + at;
    if (vector) {
        store_vector(output, v);
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            if (i < count) {
                output[i] = from_float<Output>(v[i]);
            }
        }
    }
}

// Four channels either finished or, where the reduction is split over blocks, set aside for conv_split_reduce.
template <class Output> DEVICE void conv_finish4(const ConvArguments& a, int32_t split, int64_t m, int32_t k, const float (&sum)[4]) {
    if (a.splits == 1) {
        conv_store4<Output>(a, m, k, sum);
        return;
    }
    float* partial = a.partial + (split * (int64_t(a.n) * a.p * a.q) + m) * a.k + k;
    if ((a.k & 3) == 0) {
        store_vector(partial, sum);
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            if (k + i < a.k) {
                partial[i] = sum[i];
            }
        }
    }
}
