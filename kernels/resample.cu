// Changes of resolution by two and copies of channel ranges, NHWC, forward and backward.
//   up:       y(2h+i, 2w+j) = x(h, w)                             down: y(h, w) = (x(2h, 2w) + x(2h, 2w+1) + x(2h+1, 2w) + x(2h+1, 2w+1)) / 4
//   max pool: y(h, w) = max of x's 2x2 window; argmax = position 0…3 of the first maximum in row order; NaN wins
//   bilinear: output pixel i reads input position i·(H-1)/(2H-1) (aligned corners), likewise by columns
// Saves: the max pool's argmax. Deterministic: gradients are gathered by the pixel that receives them, never scattered.
//
// All: grid any, block 256, a thread a vector of channels of one pixel (16 bytes where C and the addresses allow, else one element).
// H and W are those of x (and dx). down needs even H and W; the pool drops a last odd row or column, whose gradient is zero.
//   resample_{up,down}_forward_{f32,bf16}    (y, x, int N, int H, int W, int C)
//   resample_{up,down}_backward_{f32,bf16}   (dx, dy, int N, int H, int W, int C, int accumulate)
//   max_pool2_forward_{f32,bf16}             (y, uint8* argmax, x, int N, int H, int W, int C)
//   max_pool2_backward_{f32,bf16}            (dx, dy, const uint8* argmax, int N, int H, int W, int C, int accumulate)
//   bilinear_up2_forward_{f32,bf16}          (y, x, int N, int H, int W, int C)
//   bilinear_up2_backward_{f32,bf16}         (dx, dy, int N, int H, int W, int C)
//   copy_channels_{from}_to_{to}             (y, int Cy, int yOffset, x, int Cx, int xOffset, int count, int64 rows)   from, to: f32, bf16
#include "common/device.cuh"

// Position of one thread's work in an (N, H, W, C / V) grid of vectors, and its address in such a tensor.
template <int V> struct Place {
    int64_t n;
    int h, w, c;
    DEVICE Place(int64_t index, int H, int W, int C) {
        const int vectors = C / V;
        int64_t rest = index / vectors;
        c = int(index - rest * vectors) * V;
        w = int(rest % W);
        rest /= W;
        h = int(rest % H);
        n = rest / H;
    }
};

DEVICE int64_t offset_nhwc(int64_t n, int h, int w, int c, int H, int W, int C) { return ((n * H + h) * W + w) * C + c; }

template <int V> DEVICE void add_to(float (&sum)[V], const float (&v)[V], float scale = 1.f) {
#pragma unroll
    for (int k = 0; k < V; k++) {
        sum[k] += scale * v[k];
    }
}

// Loads the vector at p and adds it to sum.
template <class T, int V> DEVICE void accumulate_from(float (&sum)[V], const T* p, float scale = 1.f) {
    float v[V];
    load_vector(v, p);
    add_to(sum, v, scale);
}

template <class T, int V> DEVICE void store_gradient(T* p, float (&v)[V], int accumulate) {
    if (accumulate) {
        accumulate_from(v, p);
    }
    store_vector(p, v);
}

// ---- nearest up, average down --------------------------------------------------------------------------------------------------------------

struct UpForward {
    template <class T, int V> static DEVICE void run(T* y, const T* x, int N, int H, int W, int C) {
        for (int64_t i = global_index(); i < int64_t(N) * H * W * (C / V); i += global_stride()) {
            const Place<V> at(i, H, W, C);
            float v[V];
            load_vector(v, x + i * V);
#pragma unroll
            for (int k = 0; k < 4; k++) {
                store_vector(y + offset_nhwc(at.n, 2 * at.h + k / 2, 2 * at.w + k % 2, at.c, 2 * H, 2 * W, C), v);
            }
        }
    }
};

struct DownForward {
    template <class T, int V> static DEVICE void run(T* y, const T* x, int N, int H, int W, int C) {
        for (int64_t i = global_index(); i < int64_t(N) * (H / 2) * (W / 2) * (C / V); i += global_stride()) {
            const Place<V> at(i, H / 2, W / 2, C);
            float sum[V] = {};
#pragma unroll
            for (int k = 0; k < 4; k++) {
                accumulate_from(sum, x + offset_nhwc(at.n, 2 * at.h + k / 2, 2 * at.w + k % 2, at.c, H, W, C), 0.25f);
            }
            store_vector(y + i * V, sum);
        }
    }
};

struct UpBackward {
    template <class T, int V> static DEVICE void run(T* dx, const T* dy, int N, int H, int W, int C, int accumulate) {
        for (int64_t i = global_index(); i < int64_t(N) * H * W * (C / V); i += global_stride()) {
            const Place<V> at(i, H, W, C);
            float sum[V] = {};
#pragma unroll
            for (int k = 0; k < 4; k++) {
                accumulate_from(sum, dy + offset_nhwc(at.n, 2 * at.h + k / 2, 2 * at.w + k % 2, at.c, 2 * H, 2 * W, C));
            }
            store_gradient(dx + i * V, sum, accumulate);
        }
    }
};

struct DownBackward {
    template <class T, int V> static DEVICE void run(T* dx, const T* dy, int N, int H, int W, int C, int accumulate) {
        for (int64_t i = global_index(); i < int64_t(N) * H * W * (C / V); i += global_stride()) {
            const Place<V> at(i, H, W, C);
            float v[V] = {};
            accumulate_from(v, dy + offset_nhwc(at.n, at.h / 2, at.w / 2, at.c, H / 2, W / 2, C), 0.25f);
            store_gradient(dx + i * V, v, accumulate);
        }
    }
};

// ---- 2x2 maximum ---------------------------------------------------------------------------------------------------------------------------

template <int V> DEVICE void store_positions(uint8_t* p, const uint8_t (&positions)[V]) {
#pragma unroll
    for (int k = 0; k < V; k++) {
        p[k] = positions[k];
    }
}

// V bytes are aligned to V, since the floats beside them are aligned to 16.
template <> DEVICE void store_positions(uint8_t* p, const uint8_t (&q)[4]) {
    *reinterpret_cast<uint32_t*>(p) = q[0] | q[1] << 8 | q[2] << 16 | uint32_t(q[3]) << 24;
}

template <> DEVICE void store_positions(uint8_t* p, const uint8_t (&q)[8]) {
    *reinterpret_cast<uint2*>(p) = make_uint2(q[0] | q[1] << 8 | q[2] << 16 | uint32_t(q[3]) << 24,
                                              q[4] | q[5] << 8 | q[6] << 16 | uint32_t(q[7]) << 24);
}

struct MaxPoolForward {
    template <class T, int V> static DEVICE void run(T* y, uint8_t* argmax, const T* x, int N, int H, int W, int C) {
        for (int64_t i = global_index(); i < int64_t(N) * (H / 2) * (W / 2) * (C / V); i += global_stride()) {
            const Place<V> at(i, H / 2, W / 2, C);
            float best[V];
            uint8_t position[V] = {};
            load_vector(best, x + offset_nhwc(at.n, 2 * at.h, 2 * at.w, at.c, H, W, C));
#pragma unroll
            for (int k = 1; k < 4; k++) {
                float v[V];
                load_vector(v, x + offset_nhwc(at.n, 2 * at.h + k / 2, 2 * at.w + k % 2, at.c, H, W, C));
#pragma unroll
                for (int j = 0; j < V; j++) {
                    if (v[j] > best[j] || (v[j] != v[j] && best[j] == best[j])) {
                        best[j] = v[j];
                        position[j] = uint8_t(k);
                    }
                }
            }
            store_vector(y + i * V, best);
            store_positions(argmax + i * V, position);
        }
    }
};

struct MaxPoolBackward {
    template <class T, int V> static DEVICE void run(T* dx, const T* dy, const uint8_t* argmax, int N, int H, int W, int C, int accumulate) {
        for (int64_t i = global_index(); i < int64_t(N) * H * W * (C / V); i += global_stride()) {
            const Place<V> at(i, H, W, C);
            float v[V] = {};
            if (at.h / 2 < H / 2 && at.w / 2 < W / 2) {
                const int64_t from = offset_nhwc(at.n, at.h / 2, at.w / 2, at.c, H / 2, W / 2, C);
                load_vector(v, dy + from);
#pragma unroll
                for (int k = 0; k < V; k++) {
                    v[k] = argmax[from + k] == at.h % 2 * 2 + at.w % 2 ? v[k] : 0.f;
                }
            }
            store_gradient(dx + i * V, v, accumulate);
        }
    }
};

// ---- aligned bilinear ----------------------------------------------------------------------------------------------------------------------

// The two input rows (or columns) that output row `o` blends: `low` and `low + 1`, the latter with `weight`. Exact integer arithmetic for the
// position, one rounding for the weight.
struct Blend {
    int low;
    float weight;
    DEVICE Blend(int o, int size) {
        const int64_t numerator = int64_t(o) * (size - 1);
        const int denominator = 2 * size - 1;
        low = int(numerator / denominator);
        weight = float(numerator - int64_t(low) * denominator) / float(denominator);
    }
    DEVICE int high(int size) const { return low + 1 < size ? low + 1 : low; }
    // Share of input row `i` in this output row.
    DEVICE float share(int i) const { return i == low ? 1.f - weight : i == low + 1 ? weight : 0.f; }
};

struct BilinearForward {
    template <class T, int V> static DEVICE void run(T* y, const T* x, int N, int H, int W, int C) {
        for (int64_t i = global_index(); i < int64_t(N) * (2 * H) * (2 * W) * (C / V); i += global_stride()) {
            const Place<V> at(i, 2 * H, 2 * W, C);
            const Blend row(at.h, H), column(at.w, W);
            float sum[V] = {};
            accumulate_from(sum, x + offset_nhwc(at.n, row.low, column.low, at.c, H, W, C), (1.f - row.weight) * (1.f - column.weight));
            accumulate_from(sum, x + offset_nhwc(at.n, row.low, column.high(W), at.c, H, W, C), (1.f - row.weight) * column.weight);
            accumulate_from(sum, x + offset_nhwc(at.n, row.high(H), column.low, at.c, H, W, C), row.weight * (1.f - column.weight));
            accumulate_from(sum, x + offset_nhwc(at.n, row.high(H), column.high(W), at.c, H, W, C), row.weight * column.weight);
            store_vector(y + i * V, sum);
        }
    }
};

// The output rows that read input row i lie strictly between positions i - 1 and i + 1: from (i-1)(2H-1)/(H-1) to (i+1)(2H-1)/(H-1).
struct Readers {
    int first, last;
    DEVICE Readers(int i, int size) {
        const int64_t scale = 2 * size - 1, divisor = size > 1 ? size - 1 : 1;
        first = size == 1 || i == 0 ? 0 : int((i - 1) * scale / divisor) + 1;
        last = size == 1 || i == size - 1 ? 2 * size - 1 : int(((i + 1) * scale - 1) / divisor);
    }
};

struct BilinearBackward {
    template <class T, int V> static DEVICE void run(T* dx, const T* dy, int N, int H, int W, int C) {
        for (int64_t i = global_index(); i < int64_t(N) * H * W * (C / V); i += global_stride()) {
            const Place<V> at(i, H, W, C);
            const Readers rows(at.h, H), columns(at.w, W);
            float sum[V] = {};
            for (int p = rows.first; p <= rows.last; p++) {
                const float row_share = Blend(p, H).share(at.h);
                for (int q = columns.first; q <= columns.last; q++) {
                    accumulate_from(sum, dy + offset_nhwc(at.n, p, q, at.c, 2 * H, 2 * W, C), row_share * Blend(q, W).share(at.w));
                }
            }
            store_vector(dx + i * V, sum);
        }
    }
};

// ---- channel ranges ------------------------------------------------------------------------------------------------------------------------

template <class To, class From>
DEVICE void copy_channels(To* __restrict__ y, int Cy, int y_offset, const From* __restrict__ x, int Cx, int x_offset, int count, int64_t rows) {
    for (int64_t i = global_index(); i < rows * count; i += global_stride()) {
        const int64_t row = i / count;
        const int c = int(i - row * count);
        y[row * Cy + y_offset + c] = from_float<To>(to_float(x[row * Cx + x_offset + c]));
    }
}

// Same type: 16 bytes at a time where every row starts aligned.
template <class T>
DEVICE void copy_channels_same(T* __restrict__ y, int Cy, int y_offset, const T* __restrict__ x, int Cx, int x_offset, int count, int64_t rows) {
    constexpr int V = kVector<T>;
    if (count % V != 0 || Cy % V != 0 || Cx % V != 0 || !is_aligned16(y + y_offset) || !is_aligned16(x + x_offset)) {
        copy_channels(y, Cy, y_offset, x, Cx, x_offset, count, rows);
        return;
    }
    const int vectors = count / V;
    for (int64_t i = global_index(); i < rows * vectors; i += global_stride()) {
        const int64_t row = i / vectors;
        const int c = int(i - row * vectors) * V;
        *reinterpret_cast<uint4*>(y + row * Cy + y_offset + c) = *reinterpret_cast<const uint4*>(x + row * Cx + x_offset + c);
    }
}

// ---- entry points --------------------------------------------------------------------------------------------------------------------------

// Runs Operation with 16-byte vectors where C and both tensors allow, else element by element.
#define RUN(Operation, T, C, a, b, ...)                                                       \
    if (C % kVector<T> == 0 && is_aligned16(a) && is_aligned16(b)) {                          \
        Operation::run<T, kVector<T>>(__VA_ARGS__);                                           \
    } else {                                                                                  \
        Operation::run<T, 1>(__VA_ARGS__);                                                    \
    }

#define FORWARD_KERNEL(name, Operation, T)                                                                                            \
    extern "C" __global__ void __launch_bounds__(256) name(T* __restrict__ y, const T* __restrict__ x, int N, int H, int W, int C) {  \
        RUN(Operation, T, C, y, x, y, x, N, H, W, C)                                                                                  \
    }
#define BACKWARD_KERNEL(name, Operation, T)                                                                                           \
    extern "C" __global__ void __launch_bounds__(256) name(T* __restrict__ dx, const T* __restrict__ dy, int N, int H, int W, int C,  \
                                                           int accumulate) {                                                         \
        RUN(Operation, T, C, dx, dy, dx, dy, N, H, W, C, accumulate)                                                                  \
    }

FORWARD_KERNEL(resample_up_forward_f32, UpForward, float)
FORWARD_KERNEL(resample_up_forward_bf16, UpForward, bf16)
FORWARD_KERNEL(resample_down_forward_f32, DownForward, float)
FORWARD_KERNEL(resample_down_forward_bf16, DownForward, bf16)
BACKWARD_KERNEL(resample_up_backward_f32, UpBackward, float)
BACKWARD_KERNEL(resample_up_backward_bf16, UpBackward, bf16)
BACKWARD_KERNEL(resample_down_backward_f32, DownBackward, float)
BACKWARD_KERNEL(resample_down_backward_bf16, DownBackward, bf16)
FORWARD_KERNEL(bilinear_up2_forward_f32, BilinearForward, float)
FORWARD_KERNEL(bilinear_up2_forward_bf16, BilinearForward, bf16)
FORWARD_KERNEL(bilinear_up2_backward_f32, BilinearBackward, float)
FORWARD_KERNEL(bilinear_up2_backward_bf16, BilinearBackward, bf16)

#define MAX_POOL_KERNELS(suffix, T)                                                                                                        \
    extern "C" __global__ void __launch_bounds__(256) max_pool2_forward_##suffix(T* __restrict__ y, uint8_t* __restrict__ argmax,          \
                                                                                const T* __restrict__ x, int N, int H, int W, int C) {     \
        RUN(MaxPoolForward, T, C, y, x, y, argmax, x, N, H, W, C)                                                                          \
    }                                                                                                                                      \
    extern "C" __global__ void __launch_bounds__(256) max_pool2_backward_##suffix(T* __restrict__ dx, const T* __restrict__ dy,            \
                                                                                 const uint8_t* __restrict__ argmax, int N, int H, int W,  \
                                                                                 int C, int accumulate) {                                  \
        RUN(MaxPoolBackward, T, C, dx, dy, dx, dy, argmax, N, H, W, C, accumulate)                                                         \
    }

MAX_POOL_KERNELS(f32, float)
MAX_POOL_KERNELS(bf16, bf16)

#define COPY_CHANNELS_KERNEL(name, function, To, From)                                                                                     \
    extern "C" __global__ void __launch_bounds__(256) name(To* y, int Cy, int y_offset, const From* x, int Cx, int x_offset, int count,    \
                                                           int64_t rows) {                                                                 \
        function(y, Cy, y_offset, x, Cx, x_offset, count, rows);                                                                           \
    }

COPY_CHANNELS_KERNEL(copy_channels_f32_to_f32, copy_channels_same, float, float)
COPY_CHANNELS_KERNEL(copy_channels_bf16_to_bf16, copy_channels_same, bf16, bf16)
COPY_CHANNELS_KERNEL(copy_channels_f32_to_bf16, copy_channels, bf16, float)
COPY_CHANNELS_KERNEL(copy_channels_bf16_to_f32, copy_channels, float, bf16)
