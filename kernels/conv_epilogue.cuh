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

// Sixteen output pixels by COLUMNS channels from k on, which a warp holds as m16n8 fragments (see common/tensor_core.cuh): through shared
// memory of the warp's own, so that global writes (and the residual's reads) are whole rows. pixelOfRow(row) is the output pixel of row 0 … 15,
// negative where there is none.
template <class Output, int COLUMNS> struct ConvRows {
    static constexpr int STAGING_ROW = COLUMNS + 8; // floats; 8 mod 32 spreads the fragments' rows over the banks
    static constexpr int STAGING_BYTES = 16 * STAGING_ROW * int(sizeof(float));
    static constexpr int LANES_A_ROW = COLUMNS / 4, ROWS_A_PASS = kWarpSize / LANES_A_ROW;
    static_assert(COLUMNS % 16 == 0 && LANES_A_ROW <= kWarpSize, "a pass writes whole rows");

    template <class PixelOfRow>
    DEVICE static void finish(const ConvArguments& a, int32_t split, float* staging, const float (&sums)[COLUMNS / 8][4], int32_t k,
                              PixelOfRow pixelOfRow) {
        const int lane = lane_index();
        const int32_t column = lane % LANES_A_ROW * 4;
#pragma unroll
        for (int j = 0; j < COLUMNS / 8; j++) {
            float* out = staging + (lane >> 2) * STAGING_ROW + j * 8 + (lane & 3) * 2;
            out[0] = sums[j][0];
            out[1] = sums[j][1];
            out[8 * STAGING_ROW] = sums[j][2];
            out[8 * STAGING_ROW + 1] = sums[j][3];
        }
        __syncwarp();
#pragma unroll 1 // the epilogue is long: once in the code is enough
        for (int pass = 0; pass < 16 / ROWS_A_PASS; pass++) {
            const int row = pass * ROWS_A_PASS + lane / LANES_A_ROW;
            const int64_t m = pixelOfRow(row);
            if (m >= 0 && k + column < a.k) {
                float values[4];
                load_vector(values, staging + row * STAGING_ROW + column);
                conv_finish4<Output>(a, split, m, k + column, values);
            }
        }
        __syncwarp();
    }
};
