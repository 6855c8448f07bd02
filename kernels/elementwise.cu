// Pointwise operations: fill, conversion between element types, scaled addition, activations forward and backward.
//   activation backward:  dx = dy · f'(·), from the forward pass's input x for SiLU and from its output for ReLU and sigmoid
// Saves nothing. Deterministic: every element stands alone. y may be x, dx may be dy. Elements move 16 bytes at a time where every pointer is
// 16-byte aligned, and one by one otherwise and at the end.
//
// All: grid any (about ceil(n / 1024) blocks keep a GPU busy), block 256, no dynamic shared memory.
//   fill_{f32,bf16}                 (y, float value, int64 n)
//   convert_f32_to_bf16             (bf16* y, const float* x, int64 n)          round to nearest even
//   convert_bf16_to_f32             (float* y, const bf16* x, int64 n)
//   add_scaled_{f32,bf16}           (y, x, float scale, int64 n)                y += scale·x
//   activation_forward_{f32,bf16}   (y, x, int activation, int64 n)             activation as in common/activations.cuh
//   activation_backward_{f32,bf16}  (dx, dy, x, int activation, int64 n)
#include "common/device.cuh"

// Calls body(index, V) for every vector of V elements that all pointers allow, then body(index, 1) for the rest.
template <int V, class Body> DEVICE void for_each_vector(bool aligned, int64_t n, Body body) {
    const int64_t vectors = aligned ? n / V : 0;
    for (int64_t i = global_index(); i < vectors; i += global_stride()) {
        body.template run<V>(i * V);
    }
    for (int64_t i = vectors * V + global_index(); i < n; i += global_stride()) {
        body.template run<1>(i);
    }
}

template <class T> struct Fill {
    T* y;
    float value;
    template <int V> DEVICE void run(int64_t i) const {
        float v[V];
#pragma unroll
        for (int k = 0; k < V; k++) {
            v[k] = value;
        }
        store_vector(y + i, v);
    }
};

template <class T> struct AddScaled {
    T* y;
    const T* x;
    float scale;
    template <int V> DEVICE void run(int64_t i) const {
        float a[V], b[V];
        load_vector(a, y + i);
        load_vector(b, x + i);
#pragma unroll
        for (int k = 0; k < V; k++) {
            a[k] += scale * b[k];
        }
        store_vector(y + i, a);
    }
};

template <class T, int Function> struct ActivationForward {
    T* y;
    const T* x;
    template <int V> DEVICE void run(int64_t i) const {
        float v[V];
        load_vector(v, x + i);
#pragma unroll
        for (int k = 0; k < V; k++) {
            v[k] = activate(v[k], Function);
        }
        store_vector(y + i, v);
    }
};

template <class T, int Function> struct ActivationBackward {
    T* dx;
    const T* dy;
    const T* x;
    template <int V> DEVICE void run(int64_t i) const {
        float g[V], v[V];
        load_vector(g, dy + i);
        load_vector(v, x + i);
#pragma unroll
        for (int k = 0; k < V; k++) {
            // The slope of a sigmoid comes from its output; those of SiLU (input) and ReLU (output: positive where the input was) as they are.
            g[k] *= Function == kSigmoid ? v[k] * (1.f - v[k]) : activation_slope(v[k], Function);
        }
        store_vector(dx + i, g);
    }
};

// The function is chosen outside the loop, so that one of them at a time wants registers.
template <int V, class T> DEVICE void activation_forward(T* y, const T* x, int activation, int64_t n) {
    const bool aligned = is_aligned16(y) && is_aligned16(x);
    switch (activation) {
        case kSilu: for_each_vector<V>(aligned, n, ActivationForward<T, kSilu>{y, x}); break;
        case kRelu: for_each_vector<V>(aligned, n, ActivationForward<T, kRelu>{y, x}); break;
        case kSigmoid: for_each_vector<V>(aligned, n, ActivationForward<T, kSigmoid>{y, x}); break;
        default: for_each_vector<V>(aligned, n, ActivationForward<T, kNone>{y, x}); break;
    }
}

template <int V, class T> DEVICE void activation_backward(T* dx, const T* dy, const T* x, int activation, int64_t n) {
    const bool aligned = is_aligned16(dx) && is_aligned16(dy) && is_aligned16(x);
    switch (activation) {
        case kSilu: for_each_vector<V>(aligned, n, ActivationBackward<T, kSilu>{dx, dy, x}); break;
        case kRelu: for_each_vector<V>(aligned, n, ActivationBackward<T, kRelu>{dx, dy, x}); break;
        case kSigmoid: for_each_vector<V>(aligned, n, ActivationBackward<T, kSigmoid>{dx, dy, x}); break;
        default: for_each_vector<V>(aligned, n, ActivationBackward<T, kNone>{dx, dy, x}); break;
    }
}

extern "C" __global__ void __launch_bounds__(256) fill_f32(float* y, float value, int64_t n) {
    for_each_vector<4>(is_aligned16(y), n, Fill<float>{y, value});
}

extern "C" __global__ void __launch_bounds__(256) fill_bf16(bf16* y, float value, int64_t n) {
    for_each_vector<8>(is_aligned16(y), n, Fill<bf16>{y, value});
}

extern "C" __global__ void __launch_bounds__(256) add_scaled_f32(float* y, const float* x, float scale, int64_t n) {
    for_each_vector<4>(is_aligned16(y) && is_aligned16(x), n, AddScaled<float>{y, x, scale});
}

extern "C" __global__ void __launch_bounds__(256) add_scaled_bf16(bf16* y, const bf16* x, float scale, int64_t n) {
    for_each_vector<8>(is_aligned16(y) && is_aligned16(x), n, AddScaled<bf16>{y, x, scale});
}

// Four blocks a multiprocessor: with the whole register file to itself, ptxas keeps fewer registers around the division's call and spills.
extern "C" __global__ void __launch_bounds__(256, 4) activation_forward_f32(float* y, const float* x, int activation, int64_t n) {
    activation_forward<4>(y, x, activation, n);
}

extern "C" __global__ void __launch_bounds__(256, 4) activation_forward_bf16(bf16* y, const bf16* x, int activation, int64_t n) {
    activation_forward<8>(y, x, activation, n);
}

extern "C" __global__ void __launch_bounds__(256, 4) activation_backward_f32(float* dx, const float* dy, const float* x, int activation, int64_t n) {
    activation_backward<4>(dx, dy, x, activation, n);
}

extern "C" __global__ void __launch_bounds__(256, 4) activation_backward_bf16(bf16* dx, const bf16* dy, const bf16* x, int activation, int64_t n) {
    activation_backward<8>(dx, dy, x, activation, n);
}

// Conversions take 8 elements a thread: 16 bytes of bfloat16 beside two 16-byte accesses of float32.
extern "C" __global__ void __launch_bounds__(256) convert_f32_to_bf16(bf16* __restrict__ y, const float* __restrict__ x, int64_t n) {
    const int64_t vectors = is_aligned16(y) && is_aligned16(x) ? n / 8 : 0;
    for (int64_t i = global_index(); i < vectors; i += global_stride()) {
        float low[4], high[4];
        load_vector(low, x + 8 * i);
        load_vector(high, x + 8 * i + 4);
        const float v[8] = {low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]};
        store_vector(y + 8 * i, v);
    }
    for (int64_t i = 8 * vectors + global_index(); i < n; i += global_stride()) {
        y[i] = from_float<bf16>(x[i]);
    }
}

extern "C" __global__ void __launch_bounds__(256) convert_bf16_to_f32(float* __restrict__ y, const bf16* __restrict__ x, int64_t n) {
    const int64_t vectors = is_aligned16(y) && is_aligned16(x) ? n / 8 : 0;
    for (int64_t i = global_index(); i < vectors; i += global_stride()) {
        float v[8];
        load_vector(v, x + 8 * i);
        const float low[4] = {v[0], v[1], v[2], v[3]}, high[4] = {v[4], v[5], v[6], v[7]};
        store_vector(y + 8 * i, low);
        store_vector(y + 8 * i + 4, high);
    }
    for (int64_t i = 8 * vectors + global_index(); i < n; i += global_stride()) {
        y[i] = to_float(x[i]);
    }
}
