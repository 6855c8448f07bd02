// Group and batch normalisation with activation and a change of resolution fused, forward and backward, NHWC.
//   u = (x - mean)·rstd·gamma + beta;  y = resample(activation(u));  statistics over a group's channels and pixels of one sample.
//   With dz = resampleᵀ(dy)·activation'(u), x̂ = (x - mean)·rstd and m elements a group:
//   dbeta += Σ dz;  dgamma += Σ dz·x̂;  dx = rstd·(gamma·dz - Σ(gamma·dz)/m - x̂·Σ(gamma·dz·x̂)/m)
// Batch normalisation is the case of one sample of N·H·W pixels with a group for every channel, so it runs the same kernels.
// The input may be two tensors whose channels count as concatenated; a group may span both.
//
// Saves mean and rstd, float32 (N, groups). Deterministic: every stage sums fixed elements in a fixed order. Variances come from differences
// to the slice's first pixel and are merged as (mean, squared deviations), so a large mean costs no digits.
// Each direction is three launches, of which the first and last stream the tensors once at 16 bytes an access.
//
// Common arguments: C1, C2 = channels of the two sources (C2 = 0 and a null tail for one source), C = C1 + C2; pixels = H·W of the input;
// pixelsPerSlice = how many pixels a block of a first stage sums, slices = ceil(pixels / pixelsPerSlice), any choice that depends on the
// shape alone; tiles = ceil(C / 256); resample: 0 none, 1 up, 2 down; activation as in common/activations.cuh.
// Scratch: partial (N, slices, C, 2) float32; coefficients (N, groups, 2) float32.
//
// Forward:
//   norm_statistics_{f32,bf16}   grid (slices, tiles, N), block 256: (partial, x, tail, int C1, int C2, int64 pixels, int64 pixelsPerSlice)
//   group_norm_finish            grid (groups, N), block 128:        (mean, rstd, partial, int slices, int C, int64 pixels, int64 pixelsPerSlice, float eps)
//   batch_norm_finish            grid (C), block 128:                (mean, rstd, runningMean, runningVar, partial, int slices, int64 pixels,
//                                                                     int64 pixelsPerSlice, float momentum, float eps)
//   batch_norm_running_rstd      grid any, block 128:                (rstd, runningVar, int C, float eps)     before norm_apply in evaluation mode
//   norm_apply_{f32,bf16}        grid (chunks, tiles, N), block 256: (y, x, tail, mean, rstd, gamma, beta, int H, int W, int C1, int C2, int groups,
//                                                                     int activation, int resample)           chunks: any, about pixels·C / 16384
// Backward:
//   norm_backward_sums_{..}      grid (slices, tiles, N), block 256: (partial, dy, x, tail, mean, rstd, gamma, beta, int H, int W, int C1, int C2,
//                                                                     int groups, int activation, int resample, int64 pixelsPerSlice)
//   norm_backward_finish         grid (groups, N), block 128:        (coefficients, partial, gamma, int slices, int C, int64 pixels)
//   norm_parameter_gradients     grid (ceil(C / 32)), block 256:     (dgamma, dbeta, partial, int rows, int C)              rows = N·slices; both +=
//   norm_backward_apply_{..}     grid (chunks, tiles, N), block 256: (dx, dxTail, dy, x, tail, mean, rstd, gamma, beta, coefficients, int H, int W,
//                                                                     int C1, int C2, int groups, int activation, int resample, int accumulate)
//                                                                     dx may be dy when resample is 0 and C2 = 0
#include "common/device.cuh"

enum Resample : int { kSame = 0, kUp = 1, kDown = 2 };

constexpr int kBlock = 256;

// How a block of 256 threads covers its tile of channels: each thread keeps one vector of V channels and takes every `rows`-th pixel.
template <int V> struct ChannelTile {
    int rows, row, column, columns, channel;
    bool active; // the last threads may have no row, the last tile no channel

    DEVICE ChannelTile(int C) {
        const int vectors = C / V;
        columns = ceil_div(vectors, int(gridDim.y));
        rows = kBlock / columns;
        row = int(threadIdx.x) / columns;
        column = int(threadIdx.x) % columns;
        channel = (int(blockIdx.y) * columns + column) * V;
        active = row < rows && channel < C;
    }
};

// A thread's channels within one of the two sources: the address at pixel 0, and the step to the next pixel.
template <class T> struct Source {
    T* first;
    int step;
    DEVICE Source(T* x, T* tail, int C1, int C2, int channel, int64_t first_pixel)
        : first(channel < C1 ? x + first_pixel * C1 + channel : tail + first_pixel * C2 + channel - C1), step(channel < C1 ? C1 : C2) {}
    DEVICE T* at(int64_t pixel) const { return first + pixel * step; }
};

template <class T> DEVICE bool vectors_fit(int C1, int C2, const void* a, const void* b, const void* c, const void* d) {
    return C1 % kVector<T> == 0 && C2 % kVector<T> == 0 && is_aligned16(a) && is_aligned16(b) && is_aligned16(c) && is_aligned16(d);
}

// Adds up a and b over the rows of a tile; the result is in row 0. Reached by all threads of the block.
template <int V> DEVICE void sum_rows(float (&a)[V], float (&b)[V], const ChannelTile<V>& tile, float (*scratch)[2 * V]) {
    if (tile.row < tile.rows) {
#pragma unroll
        for (int k = 0; k < V; k++) {
            scratch[threadIdx.x][k] = a[k];
            scratch[threadIdx.x][V + k] = b[k];
        }
    }
    __syncthreads();
    if (tile.row == 0) {
        for (int row = 1; row < tile.rows; row++) {
#pragma unroll
            for (int k = 0; k < V; k++) {
                a[k] += scratch[row * tile.columns + tile.column][k];
                b[k] += scratch[row * tile.columns + tile.column][V + k];
            }
        }
    }
}

// ---- forward, first stage: mean and squared deviations of every channel of a slice ---------------------------------------------------------

template <class T, int V>
DEVICE void statistics(float* partial, const T* x, const T* tail, int C1, int C2, int64_t pixels, int64_t pixels_per_slice, float (*scratch)[2 * V]) {
    const int C = C1 + C2;
    const ChannelTile<V> tile(C);
    const int64_t n = blockIdx.z, first = blockIdx.x * pixels_per_slice, end = min(first + pixels_per_slice, pixels);
    float shift[V] = {}, sum[V] = {}, squares[V] = {};
    if (tile.active) {
        const Source<const T> source(x, tail, C1, C2, tile.channel, n * pixels);
        load_vector(shift, source.at(first));
        for (int64_t pixel = first + tile.row; pixel < end; pixel += tile.rows) {
            float v[V];
            load_vector(v, source.at(pixel));
#pragma unroll
            for (int k = 0; k < V; k++) {
                const float d = v[k] - shift[k];
                sum[k] += d;
                squares[k] += d * d;
            }
        }
    }
    sum_rows(sum, squares, tile, scratch);
    if (tile.active && tile.row == 0) {
        const float count = float(end - first);
        float* out = partial + ((n * gridDim.x + blockIdx.x) * C + tile.channel) * 2;
#pragma unroll
        for (int k = 0; k < V; k++) {
            const float mean = sum[k] / count;
            out[2 * k] = shift[k] + mean;
            out[2 * k + 1] = fmaxf(squares[k] - sum[k] * mean, 0.f);
        }
    }
}

#define STATISTICS_KERNEL(suffix, T)                                                                                                          \
    extern "C" __global__ void __launch_bounds__(kBlock, 2) norm_statistics_##suffix(                                                            \
        float* __restrict__ partial, const T* __restrict__ x, const T* __restrict__ tail, int C1, int C2, int64_t pixels,                     \
        int64_t pixels_per_slice) {                                                                                                           \
        SHARED_ARRAY(float, scratch, [kBlock][2 * kVector<T>]);                                                                               \
        if (vectors_fit<T>(C1, C2, x, tail, x, tail)) {                                                                                       \
            statistics<T, kVector<T>>(partial, x, tail, C1, C2, pixels, pixels_per_slice, scratch);                                           \
        } else {                                                                                                                              \
            statistics<T, 1>(partial, x, tail, C1, C2, pixels, pixels_per_slice, reinterpret_cast<float(*)[2]>(scratch));                     \
        }                                                                                                                                     \
    }

STATISTICS_KERNEL(f32, float)
STATISTICS_KERNEL(bf16, bf16)

// ---- forward, second stage: merge slices and channels --------------------------------------------------------------------------------------

struct Moments {
    float mean, variance; // biased
};

// Merges channels first … first + channels - 1 over all slices of a sample. First the mean, then the deviations from it: no cancellation.
DEVICE Moments merge_moments(const float* partial, int slices, int C, int first, int channels, int64_t pixels, int64_t pixels_per_slice, float* scratch) {
    const float total = float(pixels) * channels;
    float sum = 0.f;
    for (int i = threadIdx.x; i < slices * channels; i += blockDim.x) {
        const int slice = i / channels;
        const float count = float(min(pixels_per_slice, pixels - slice * pixels_per_slice));
        sum += count * partial[(int64_t(slice) * C + first + i - slice * channels) * 2];
    }
    const float mean = block_sum(sum, scratch) / total;
    float deviations = 0.f;
    for (int i = threadIdx.x; i < slices * channels; i += blockDim.x) {
        const int slice = i / channels;
        const float count = float(min(pixels_per_slice, pixels - slice * pixels_per_slice));
        const float* p = partial + (int64_t(slice) * C + first + i - slice * channels) * 2;
        const float d = p[0] - mean;
        deviations += p[1] + count * d * d;
    }
    return {mean, block_sum(deviations, scratch) / total};
}

extern "C" __global__ void __launch_bounds__(128)
group_norm_finish(float* __restrict__ mean, float* __restrict__ rstd, const float* __restrict__ partial, int slices, int C, int64_t pixels,
                  int64_t pixels_per_slice, float eps) {
    SHARED_ARRAY(float, scratch, [32]);
    const int group = blockIdx.x, groups = gridDim.x, channels = C / groups;
    const int64_t n = blockIdx.y;
    const Moments m = merge_moments(partial + n * slices * C * 2, slices, C, group * channels, channels, pixels, pixels_per_slice, scratch);
    if (threadIdx.x == 0) {
        mean[n * groups + group] = m.mean;
        rstd[n * groups + group] = 1.f / sqrtf(m.variance + eps);
    }
}

extern "C" __global__ void __launch_bounds__(128)
batch_norm_finish(float* __restrict__ mean, float* __restrict__ rstd, float* __restrict__ running_mean, float* __restrict__ running_var,
                  const float* __restrict__ partial, int slices, int64_t pixels, int64_t pixels_per_slice, float momentum, float eps) {
    SHARED_ARRAY(float, scratch, [32]);
    const int channel = blockIdx.x;
    const Moments m = merge_moments(partial, slices, gridDim.x, channel, 1, pixels, pixels_per_slice, scratch);
    if (threadIdx.x == 0) {
        mean[channel] = m.mean;
        rstd[channel] = 1.f / sqrtf(m.variance + eps);
        const float unbiased = m.variance * (float(pixels) / float(pixels > 1 ? pixels - 1 : 1));
        running_mean[channel] = (1.f - momentum) * running_mean[channel] + momentum * m.mean;
        running_var[channel] = (1.f - momentum) * running_var[channel] + momentum * unbiased;
    }
}

extern "C" __global__ void __launch_bounds__(128) batch_norm_running_rstd(float* __restrict__ rstd, const float* __restrict__ running_var, int C,
                                                                         float eps) {
    for (int64_t c = global_index(); c < C; c += global_stride()) {
        rstd[c] = 1.f / sqrtf(running_var[c] + eps);
    }
}

// ---- forward, third stage: normalise, activate, resample -----------------------------------------------------------------------------------

// The per-channel numbers that a thread needs, in registers for all its pixels.
template <int V> struct ChannelNorm {
    float mean[V], rstd[V], gamma[V], beta[V];

    DEVICE void load(const float* means, const float* rstds, const float* gammas, const float* betas, int64_t n, int channel, int C, int groups) {
        const int per_group = C / groups;
#pragma unroll
        for (int k = 0; k < V; k++) {
            const int64_t group = n * groups + (channel + k) / per_group;
            mean[k] = means[group];
            rstd[k] = rstds[group];
            gamma[k] = gammas[channel + k];
            beta[k] = betas[channel + k];
        }
    }
    DEVICE float normalised(float x, int k) const { return (x - mean[k]) * rstd[k]; }
    DEVICE float affine(float normalised, int k) const { return normalised * gamma[k] + beta[k]; }
};

// Loads a vector of the input and applies normalisation and activation to it.
template <class T, int V> DEVICE void load_activated(float (&v)[V], const T* p, const ChannelNorm<V>& norm, int activation) {
    load_vector(v, p);
#pragma unroll
    for (int k = 0; k < V; k++) {
        v[k] = activate(norm.affine(norm.normalised(v[k], k), k), activation);
    }
}

template <class T, int V, int Mode>
DEVICE void apply(T* y, const T* x, const T* tail, const float* mean, const float* rstd, const float* gamma, const float* beta, int H, int W, int C1,
                  int C2, int groups, int activation) {
    const int C = C1 + C2;
    const ChannelTile<V> tile(C);
    if (!tile.active) {
        return;
    }
    const int64_t n = blockIdx.z;
    ChannelNorm<V> norm;
    norm.load(mean, rstd, gamma, beta, n, tile.channel, C, groups);
    const Source<const T> source(x, tail, C1, C2, tile.channel, n * H * W);
    // One step of the loop is an output pixel for kSame and kDown, an input pixel (four outputs) for kUp.
    const int rows = Mode == kDown ? H / 2 : H, columns = Mode == kDown ? W / 2 : W;
    const int64_t pixels = int64_t(rows) * columns;
    T* const out = y + n * (Mode == kUp ? 4 : 1) * pixels * C + tile.channel;
    for (int64_t pixel = int64_t(blockIdx.x) * tile.rows + tile.row; pixel < pixels; pixel += int64_t(gridDim.x) * tile.rows) {
        float v[V];
        if (Mode == kSame) {
            load_activated(v, source.at(pixel), norm, activation);
            store_vector(out + pixel * C, v);
            continue;
        }
        const int h = int(pixel / columns), w = int(pixel - int64_t(h) * columns);
        if (Mode == kUp) {
            load_activated(v, source.at(pixel), norm, activation);
#pragma unroll
            for (int corner = 0; corner < 4; corner++) {
                store_vector(out + ((2 * h + corner / 2) * int64_t(2 * W) + 2 * w + corner % 2) * C, v);
            }
        } else {
            float sum[V] = {};
#pragma unroll
            for (int corner = 0; corner < 4; corner++) {
                load_activated(v, source.at((2 * h + corner / 2) * int64_t(W) + 2 * w + corner % 2), norm, activation);
#pragma unroll
                for (int k = 0; k < V; k++) {
                    sum[k] += 0.25f * v[k];
                }
            }
            store_vector(out + pixel * C, sum);
        }
    }
}

// Calls function<T, V, Mode>(...) for the vector width that fits and the resampling mode.
#define DISPATCH(function, T, fits, resample, ...)                    \
    if (fits) {                                                       \
        if (resample == kUp) {                                        \
            function<T, kVector<T>, kUp>(__VA_ARGS__);                \
        } else if (resample == kDown) {                               \
            function<T, kVector<T>, kDown>(__VA_ARGS__);              \
        } else {                                                      \
            function<T, kVector<T>, kSame>(__VA_ARGS__);              \
        }                                                             \
    } else if (resample == kUp) {                                     \
        function<T, 1, kUp>(__VA_ARGS__);                             \
    } else if (resample == kDown) {                                   \
        function<T, 1, kDown>(__VA_ARGS__);                           \
    } else {                                                          \
        function<T, 1, kSame>(__VA_ARGS__);                           \
    }

#define APPLY_KERNEL(suffix, T)                                                                                                               \
    extern "C" __global__ void __launch_bounds__(kBlock, 2) norm_apply_##suffix(                                                                 \
        T* __restrict__ y, const T* __restrict__ x, const T* __restrict__ tail, const float* __restrict__ mean,                               \
        const float* __restrict__ rstd, const float* __restrict__ gamma, const float* __restrict__ beta, int H, int W, int C1, int C2,        \
        int groups, int activation, int resample) {                                                                                           \
        DISPATCH(apply, T, (vectors_fit<T>(C1, C2, y, x, tail, y)), resample, y, x, tail, mean, rstd, gamma, beta, H, W, C1, C2, groups,      \
                 activation)                                                                                                                  \
    }

APPLY_KERNEL(f32, float)
APPLY_KERNEL(bf16, bf16)

// ---- backward ------------------------------------------------------------------------------------------------------------------------------

// The gradient that reaches one input pixel through the resampling: out = row of dy of this sample and channel vector.
template <class T, int V, int Mode> DEVICE void load_resampled(float (&g)[V], const T* dy, int64_t pixel, int W, int C) {
    if (Mode == kSame) {
        load_vector(g, dy + pixel * C);
        return;
    }
    const int h = int(pixel / W), w = int(pixel - int64_t(h) * W);
    if (Mode == kDown) {
        load_vector(g, dy + (int64_t(h / 2) * (W / 2) + w / 2) * C);
#pragma unroll
        for (int k = 0; k < V; k++) {
            g[k] *= 0.25f;
        }
        return;
    }
    load_vector(g, dy + (int64_t(2 * h) * (2 * W) + 2 * w) * C);
#pragma unroll
    for (int corner = 1; corner < 4; corner++) {
        float v[V];
        load_vector(v, dy + ((2 * h + corner / 2) * int64_t(2 * W) + 2 * w + corner % 2) * C);
#pragma unroll
        for (int k = 0; k < V; k++) {
            g[k] += v[k];
        }
    }
}

// First element of sample n of dy.
template <class T, int Mode> DEVICE const T* sample_of(const T* dy, int64_t n, int H, int W, int C) {
    return dy + n * (Mode == kUp ? int64_t(H) * W * 4 : Mode == kDown ? int64_t(H / 2) * (W / 2) : int64_t(H) * W) * C;
}

// dz and x̂ of one vector.
template <class T, int V, int Mode>
DEVICE void load_gradient(float (&dz)[V], float (&normalised)[V], const T* dy, const T* x, int64_t pixel, int W, int C, const ChannelNorm<V>& norm,
                          int activation) {
    load_resampled<T, V, Mode>(dz, dy, pixel, W, C);
    load_vector(normalised, x);
#pragma unroll
    for (int k = 0; k < V; k++) {
        normalised[k] = norm.normalised(normalised[k], k);
        dz[k] *= activation_slope(norm.affine(normalised[k], k), activation);
    }
}

template <class T, int V, int Mode>
DEVICE void backward_sums(float* partial, const T* dy, const T* x, const T* tail, const float* mean, const float* rstd, const float* gamma,
                          const float* beta, int H, int W, int C1, int C2, int groups, int activation, int64_t pixels_per_slice, void* shared) {
    const int C = C1 + C2;
    const ChannelTile<V> tile(C);
    const int64_t n = blockIdx.z, pixels = int64_t(H) * W, first = blockIdx.x * pixels_per_slice, end = min(first + pixels_per_slice, pixels);
    float sum[V] = {}, products[V] = {};
    if (tile.active) {
        ChannelNorm<V> norm;
        norm.load(mean, rstd, gamma, beta, n, tile.channel, C, groups);
        const Source<const T> source(x, tail, C1, C2, tile.channel, n * pixels);
        const T* const dy_sample = sample_of<T, Mode>(dy, n, H, W, C) + tile.channel;
        for (int64_t pixel = first + tile.row; pixel < end; pixel += tile.rows) {
            float dz[V], normalised[V];
            load_gradient<T, V, Mode>(dz, normalised, dy_sample, source.at(pixel), pixel, W, C, norm, activation);
#pragma unroll
            for (int k = 0; k < V; k++) {
                sum[k] += dz[k];
                products[k] += dz[k] * normalised[k];
            }
        }
    }
    sum_rows(sum, products, tile, static_cast<float(*)[2 * V]>(shared));
    if (tile.active && tile.row == 0) {
        float* out = partial + ((n * gridDim.x + blockIdx.x) * C + tile.channel) * 2;
#pragma unroll
        for (int k = 0; k < V; k++) {
            out[2 * k] = sum[k];
            out[2 * k + 1] = products[k];
        }
    }
}

#define BACKWARD_SUMS_KERNEL(suffix, T)                                                                                                       \
    extern "C" __global__ void __launch_bounds__(kBlock, 2) norm_backward_sums_##suffix(                                                         \
        float* __restrict__ partial, const T* __restrict__ dy, const T* __restrict__ x, const T* __restrict__ tail,                           \
        const float* __restrict__ mean, const float* __restrict__ rstd, const float* __restrict__ gamma, const float* __restrict__ beta,      \
        int H, int W, int C1, int C2, int groups, int activation, int resample, int64_t pixels_per_slice) {                                   \
        SHARED_ARRAY(float, scratch, [kBlock][2 * kVector<T>]);                                                                               \
        DISPATCH(backward_sums, T, (vectors_fit<T>(C1, C2, dy, x, tail, dy)), resample, partial, dy, x, tail, mean, rstd, gamma, beta, H, W,  \
                 C1, C2, groups, activation, pixels_per_slice, scratch)                                                                       \
    }

BACKWARD_SUMS_KERNEL(f32, float)
BACKWARD_SUMS_KERNEL(bf16, bf16)

extern "C" __global__ void __launch_bounds__(128)
norm_backward_finish(float* __restrict__ coefficients, const float* __restrict__ partial, const float* __restrict__ gamma, int slices, int C,
                     int64_t pixels) {
    SHARED_ARRAY(float, scratch, [32]);
    const int group = blockIdx.x, groups = gridDim.x, channels = C / groups;
    const int64_t n = blockIdx.y;
    float sum = 0.f, products = 0.f;
    for (int i = threadIdx.x; i < slices * channels; i += blockDim.x) {
        const int slice = i / channels, channel = group * channels + i - slice * channels;
        const float* p = partial + ((n * slices + slice) * C + channel) * 2;
        sum += gamma[channel] * p[0];
        products += gamma[channel] * p[1];
    }
    sum = block_sum(sum, scratch);
    products = block_sum(products, scratch);
    if (threadIdx.x == 0) {
        const float count = float(pixels) * channels;
        coefficients[(n * groups + group) * 2] = sum / count;
        coefficients[(n * groups + group) * 2 + 1] = products / count;
    }
}

// A lane a channel; the 8 warps take every eighth row of partial, and warp 0 adds their sums.
extern "C" __global__ void __launch_bounds__(kBlock)
norm_parameter_gradients(float* __restrict__ dgamma, float* __restrict__ dbeta, const float* __restrict__ partial, int rows, int C) {
    SHARED_ARRAY(float, scratch, [kBlock][2]);
    const int channel = blockIdx.x * kWarpSize + lane_index(), warps = kBlock / kWarpSize;
    float sum = 0.f, products = 0.f;
    if (channel < C) {
        for (int row = warp_index(); row < rows; row += warps) {
            sum += partial[(int64_t(row) * C + channel) * 2];
            products += partial[(int64_t(row) * C + channel) * 2 + 1];
        }
    }
    scratch[threadIdx.x][0] = sum;
    scratch[threadIdx.x][1] = products;
    __syncthreads();
    if (warp_index() == 0 && channel < C) {
        for (int warp = 1; warp < warps; warp++) {
            sum += scratch[warp * kWarpSize + lane_index()][0];
            products += scratch[warp * kWarpSize + lane_index()][1];
        }
        dbeta[channel] += sum;
        dgamma[channel] += products;
    }
}

template <class T, int V, int Mode>
DEVICE void backward_apply(T* dx, T* dx_tail, const T* dy, const T* x, const T* tail, const float* mean, const float* rstd, const float* gamma,
                           const float* beta, const float* coefficients, int H, int W, int C1, int C2, int groups, int activation, int accumulate) {
    const int C = C1 + C2, per_group = C / groups;
    const ChannelTile<V> tile(C);
    if (!tile.active) {
        return;
    }
    const int64_t n = blockIdx.z, pixels = int64_t(H) * W;
    ChannelNorm<V> norm;
    norm.load(mean, rstd, gamma, beta, n, tile.channel, C, groups);
    float average[V], slope[V];
#pragma unroll
    for (int k = 0; k < V; k++) {
        const int64_t group = n * groups + (tile.channel + k) / per_group;
        average[k] = coefficients[2 * group];
        slope[k] = coefficients[2 * group + 1];
    }
    const Source<const T> source(x, tail, C1, C2, tile.channel, n * pixels);
    const Source<T> target(dx, dx_tail, C1, C2, tile.channel, n * pixels);
    const T* const dy_sample = sample_of<T, Mode>(dy, n, H, W, C) + tile.channel;
    for (int64_t pixel = int64_t(blockIdx.x) * tile.rows + tile.row; pixel < pixels; pixel += int64_t(gridDim.x) * tile.rows) {
        float g[V], normalised[V];
        load_gradient<T, V, Mode>(g, normalised, dy_sample, source.at(pixel), pixel, W, C, norm, activation);
#pragma unroll
        for (int k = 0; k < V; k++) {
            g[k] = norm.rstd[k] * (norm.gamma[k] * g[k] - average[k] - normalised[k] * slope[k]);
        }
        if (accumulate) {
            float old[V];
            load_vector(old, target.at(pixel));
#pragma unroll
            for (int k = 0; k < V; k++) {
                g[k] += old[k];
            }
        }
        store_vector(target.at(pixel), g);
    }
}

#define BACKWARD_APPLY_KERNEL(suffix, T)                                                                                                      \
    extern "C" __global__ void __launch_bounds__(kBlock, 2) norm_backward_apply_##suffix(                                                        \
        T* dx, T* dx_tail, const T* dy, const T* __restrict__ x, const T* __restrict__ tail, const float* __restrict__ mean,                  \
        const float* __restrict__ rstd, const float* __restrict__ gamma, const float* __restrict__ beta,                                      \
        const float* __restrict__ coefficients, int H, int W, int C1, int C2, int groups, int activation, int resample, int accumulate) {     \
        DISPATCH(backward_apply, T, (vectors_fit<T>(C1, C2, dx, dx_tail, dy, x) && is_aligned16(tail)), resample, dx, dx_tail, dy, x, tail,   \
                 mean, rstd, gamma, beta, coefficients, H, W, C1, C2, groups, activation, accumulate)                                         \
    }

BACKWARD_APPLY_KERNEL(f32, float)
BACKWARD_APPLY_KERNEL(bf16, bf16)
