// Multi-head self-attention in float32 for small heads, forward and backward, without the score matrix in memory. Formulas, layout and what is
// saved as in attention_f32.cu, whose tiles leave most of a warp idle where heads have few channels.
//
// A row (a query; for dk and dv a key) belongs to one thread, which holds it and its sums in registers and walks over all columns (the keys; for dk
// and dv the queries), kGroup at a time. Columns lie in shared memory, where all threads of a block read the same words at once: transposed for
// products of a row with the columns of a group, and as they are for sums over columns. A thread has as many rows as make 32 channels, so that
// every word that is read serves several products. Heads are padded with zeros to a size known at compile time.
// Deterministic. Limits: d <= 32.
//
// All three: grid (ceil(T / rows), heads, N), block 128, no dynamic shared memory. Suffix _d8, _d16, _d32: the smallest that d fits; a block's
// rows are 128 * 32 / that size, but for dk and dv of _d8, 256.
//   attention_forward_rows_f32_d*        (y, lse, qkv, int T, int d)
//   attention_backward_dq_rows_f32_d*    (dqkv, dy, qkv, lse, delta, int T, int d)   after attention_delta_f32
//   attention_backward_dkv_rows_f32_d*   the same
#include "common/device.cuh"
#include "common/lanes.cuh"

constexpr int kThreads = 128;
constexpr int kColumns = 64; // that are in shared memory at a time
constexpr int kGroup = Lanes::kCount; // columns whose scores a thread has at a time
constexpr int kPadded = kColumns + 4; // a transposed row, so that stores spread over the banks

// A thread's rows: first, first + kThreads, … For dk and dv it has two operands and two sums of each.
template <int D> constexpr int kRows = 32 / D;
template <int D> constexpr int kKeyRows = D == 8 ? 2 : kRows<D>;

template <int R, int Parts> DEVICE void clear(Lanes (&sums)[R][Parts]) {
    UNROLL
    for (int r = 0; r < R; r++) {
        UNROLL
        for (int part = 0; part < Parts; part++) {
            sums[r][part] = Lanes::zero();
        }
    }
}

// This thread's rows of a (T, d) matrix with `step` elements between rows; zeros past the end and past d.
template <int R, int D> DEVICE void load_rows(float (&rows)[R][D], const float* matrix, int64_t step, int first, int T, int d) {
    UNROLL
    for (int r = 0; r < R; r++) {
        const int row = first + r * kThreads;
        UNROLL
        for (int c = 0; c < D; c++) {
            rows[r][c] = row < T && c < d ? matrix[row * step + c] : 0.f;
        }
    }
}

template <int R, int Parts>
DEVICE void store_rows(float* matrix, const Lanes (&sums)[R][Parts], int64_t step, int first, int T, int d, const float (&factor)[R]) {
    UNROLL
    for (int r = 0; r < R; r++) {
        const int row = first + r * kThreads;
        UNROLL
        for (int c = 0; c < Parts * kGroup; c++) {
            if (row < T && c < d) {
                matrix[row * step + c] = sums[r][c / kGroup][c % kGroup] * factor[r];
            }
        }
    }
}

// Columns [first, first + kColumns) of a (T, d) matrix, by the whole block: transposed, as they are, or both; null for what is not wanted.
template <int D>
DEVICE void load_columns(float (*transposed)[kPadded], float (*columns)[D], const float* matrix, int64_t step, int first, int T, int d) {
    for (int i = threadIdx.x; i < kColumns * D; i += kThreads) {
        const int column = i / D, c = i % D;
        const float value = first + column < T && c < d ? matrix[(first + column) * step + c] : 0.f;
        if (transposed != nullptr) {
            transposed[c][column] = value;
        }
        if (columns != nullptr) {
            columns[column][c] = value;
        }
    }
}

// product[r] = row r times each column of the group.
template <int R, int D> DEVICE void multiply(Lanes (&product)[R], const float (&rows)[R][D], const float (*transposed)[kPadded], int group) {
    UNROLL
    for (int r = 0; r < R; r++) {
        product[r] = Lanes::zero();
    }
    UNROLL
    for (int c = 0; c < D; c++) {
        const Lanes columns = Lanes::load(&transposed[c][group]);
        UNROLL
        for (int r = 0; r < R; r++) {
            product[r] = fmaf(rows[r][c], columns, product[r]);
        }
    }
}

// sums[r] += the columns of the group, each times its weight in weights[r].
template <int R, int Parts>
DEVICE void add_weighted(Lanes (&sums)[R][Parts], const Lanes (&weights)[R], const float (*columns)[Parts * kGroup], int group) {
    UNROLL
    for (int j = 0; j < kGroup; j++) {
        UNROLL
        for (int part = 0; part < Parts; part++) {
            const Lanes column = Lanes::load(&columns[group + j][part * kGroup]);
            UNROLL
            for (int r = 0; r < R; r++) {
                sums[r][part] = fmaf(weights[r][j], column, sums[r][part]);
            }
        }
    }
}

// Lanes past the last column of the group become `value`.
DEVICE void mask(Lanes& lanes, int count, float value) {
    if (count < kGroup) {
        lanes = first_of(lanes, count, value);
    }
}

template <int D> DEVICE void forward(float* y, float* lse, const float* qkv, int T, int d) {
    SHARED_ARRAY(float, keys, [D][kPadded]);
    SHARED_ARRAY(float, values, [kColumns][D]);
    const int head = blockIdx.y, heads = gridDim.y, row = blockIdx.x * kThreads * kRows<D> + threadIdx.x;
    const int64_t n = blockIdx.z, step = int64_t(3) * heads * d;
    const float* const base = qkv + n * T * step + int64_t(3) * head * d;
    const float scale = rsqrtf(float(d));

    float q[kRows<D>][D];
    Lanes out[kRows<D>][D / kGroup];
    clear(out);
    float maximum[kRows<D>];
    Lanes sum[kRows<D>]; // in kGroup parts until the end
    UNROLL
    for (int r = 0; r < kRows<D>; r++) {
        maximum[r] = -INFINITY;
        sum[r] = Lanes::zero();
    }
    load_rows(q, base, step, row, T, d);
    for (int first = 0; first < T; first += kColumns) {
        __syncthreads();
        load_columns<D>(keys, nullptr, base + d, step, first, T, d);
        load_columns<D>(nullptr, values, base + 2 * d, step, first, T, d);
        __syncthreads();
        const int count = row < T ? min(kColumns, T - first) : 0;
#pragma unroll 1
        for (int group = 0; group < count; group += kGroup) {
            Lanes p[kRows<D>];
            multiply(p, q, keys, group);
            UNROLL
            for (int r = 0; r < kRows<D>; r++) {
                p[r] = p[r] * scale;
                mask(p[r], count - group, -INFINITY);
                const float largest = largest_of(p[r]);
                if (largest > maximum[r]) { // seldom after the first groups; finite, since a group has at least one key
                    const float shrink = expf(maximum[r] - largest);
                    maximum[r] = largest;
                    sum[r] = sum[r] * shrink;
                    UNROLL
                    for (int part = 0; part < D / kGroup; part++) {
                        out[r][part] = out[r][part] * shrink;
                    }
                }
                p[r] = expf(p[r] - maximum[r]);
                sum[r] = sum[r] + p[r];
            }
            add_weighted(out, p, values, group);
        }
    }
    float factor[kRows<D>];
    UNROLL
    for (int r = 0; r < kRows<D>; r++) {
        const float total = sum_of(sum[r]);
        factor[r] = 1.f / total;
        if (row + r * kThreads < T) {
            lse[(n * heads + head) * T + row + r * kThreads] = maximum[r] + logf(total);
        }
    }
    store_rows(y + (n * T * heads + head) * d, out, int64_t(heads) * d, row, T, d, factor);
}

template <int D>
DEVICE void backward_dq(float* dqkv, const float* dy, const float* qkv, const float* lse, const float* delta, int T, int d) {
    SHARED_ARRAY(float, keys_transposed, [D][kPadded]);
    SHARED_ARRAY(float, values, [D][kPadded]);
    SHARED_ARRAY(float, keys, [kColumns][D]);
    const int head = blockIdx.y, heads = gridDim.y, row = blockIdx.x * kThreads * kRows<D> + threadIdx.x;
    const int64_t n = blockIdx.z, step = int64_t(3) * heads * d, dy_step = int64_t(heads) * d;
    const int64_t base = n * T * step + int64_t(3) * head * d, row_base = (n * heads + head) * T;
    const float scale = rsqrtf(float(d));

    float q[kRows<D>][D], dy_rows[kRows<D>][D];
    Lanes dq[kRows<D>][D / kGroup];
    clear(dq);
    load_rows(q, qkv + base, step, row, T, d);
    load_rows(dy_rows, dy + n * T * dy_step + int64_t(head) * d, dy_step, row, T, d);
    float row_lse[kRows<D>], row_delta[kRows<D>];
    UNROLL
    for (int r = 0; r < kRows<D>; r++) {
        const bool inside = row + r * kThreads < T;
        row_lse[r] = inside ? lse[row_base + row + r * kThreads] : 0.f;
        row_delta[r] = inside ? delta[row_base + row + r * kThreads] : 0.f;
    }
    for (int first = 0; first < T; first += kColumns) {
        __syncthreads();
        load_columns<D>(keys_transposed, keys, qkv + base + d, step, first, T, d);
        load_columns<D>(values, nullptr, qkv + base + 2 * d, step, first, T, d);
        __syncthreads();
        const int count = row < T ? min(kColumns, T - first) : 0;
#pragma unroll 1
        for (int group = 0; group < count; group += kGroup) {
            Lanes ds[kRows<D>], dp[kRows<D>];
            multiply(ds, q, keys_transposed, group);
            multiply(dp, dy_rows, values, group);
            UNROLL
            for (int r = 0; r < kRows<D>; r++) {
                ds[r] = expf(ds[r] * scale - row_lse[r]) * (dp[r] - row_delta[r]);
                mask(ds[r], count - group, 0.f);
            }
            add_weighted(dq, ds, keys, group);
        }
    }
    float factor[kRows<D>];
    UNROLL
    for (int r = 0; r < kRows<D>; r++) {
        factor[r] = scale;
    }
    store_rows(dqkv + base, dq, step, row, T, d, factor);
}

template <int D>
DEVICE void backward_dkv(float* dqkv, const float* dy, const float* qkv, const float* lse, const float* delta, int T, int d) {
    constexpr int R = kKeyRows<D>;
    SHARED_ARRAY(float, queries_transposed, [D][kPadded]);
    SHARED_ARRAY(float, dy_transposed, [D][kPadded]);
    SHARED_ARRAY(float, queries, [kColumns][D]);
    SHARED_ARRAY(float, dy_columns, [kColumns][D]);
    SHARED_ARRAY(float, column_lse, [kColumns]);
    SHARED_ARRAY(float, column_delta, [kColumns]);
    const int head = blockIdx.y, heads = gridDim.y, row = blockIdx.x * kThreads * R + threadIdx.x;
    const int64_t n = blockIdx.z, step = int64_t(3) * heads * d, dy_step = int64_t(heads) * d;
    const int64_t base = n * T * step + int64_t(3) * head * d, row_base = (n * heads + head) * T;
    const float scale = rsqrtf(float(d));

    float k[R][D], v[R][D];
    Lanes dk[R][D / kGroup], dv[R][D / kGroup];
    clear(dk);
    clear(dv);
    load_rows(k, qkv + base + d, step, row, T, d);
    load_rows(v, qkv + base + 2 * d, step, row, T, d);
    for (int first = 0; first < T; first += kColumns) {
        __syncthreads();
        load_columns<D>(queries_transposed, queries, qkv + base, step, first, T, d);
        load_columns<D>(dy_transposed, dy_columns, dy + n * T * dy_step + int64_t(head) * d, dy_step, first, T, d);
        if (threadIdx.x < kColumns) {
            const bool inside = first + int(threadIdx.x) < T;
            column_lse[threadIdx.x] = inside ? lse[row_base + first + threadIdx.x] : 0.f;
            column_delta[threadIdx.x] = inside ? delta[row_base + first + threadIdx.x] : 0.f;
        }
        __syncthreads();
        const int count = row < T ? min(kColumns, T - first) : 0;
#pragma unroll 1
        for (int group = 0; group < count; group += kGroup) {
            const Lanes group_lse = Lanes::load(&column_lse[group]), group_delta = Lanes::load(&column_delta[group]);
            Lanes p[R], ds[R];
            multiply(p, k, queries_transposed, group);
            multiply(ds, v, dy_transposed, group);
            UNROLL
            for (int r = 0; r < R; r++) {
                p[r] = expf(p[r] * scale - group_lse);
                mask(p[r], count - group, 0.f);
                ds[r] = p[r] * (ds[r] - group_delta);
            }
            add_weighted(dk, ds, queries, group);
            add_weighted(dv, p, dy_columns, group);
        }
    }
    float factor[R], one[R];
    UNROLL
    for (int r = 0; r < R; r++) {
        factor[r] = scale;
        one[r] = 1.f;
    }
    store_rows(dqkv + base + d, dk, step, row, T, d, factor);
    store_rows(dqkv + base + 2 * d, dv, step, row, T, d, one);
}

#define ATTENTION_ROWS_KERNELS(D)                                                                                                             \
    extern "C" __global__ void __launch_bounds__(kThreads, 1)                                                                                  \
        attention_forward_rows_f32_d##D(float* __restrict__ y, float* __restrict__ lse, const float* __restrict__ qkv, int T, int d) {         \
        forward<D>(y, lse, qkv, T, d);                                                                                                        \
    }                                                                                                                                         \
    extern "C" __global__ void __launch_bounds__(kThreads, 1)                                                                                  \
        attention_backward_dq_rows_f32_d##D(float* __restrict__ dqkv, const float* __restrict__ dy, const float* __restrict__ qkv,            \
                                            const float* __restrict__ lse, const float* __restrict__ delta, int T, int d) {                   \
        backward_dq<D>(dqkv, dy, qkv, lse, delta, T, d);                                                                                      \
    }                                                                                                                                         \
    extern "C" __global__ void __launch_bounds__(kThreads, 1)                                                                                  \
        attention_backward_dkv_rows_f32_d##D(float* __restrict__ dqkv, const float* __restrict__ dy, const float* __restrict__ qkv,           \
                                             const float* __restrict__ lse, const float* __restrict__ delta, int T, int d) {                  \
        backward_dkv<D>(dqkv, dy, qkv, lse, delta, T, d);                                                                                     \
    }

ATTENTION_ROWS_KERNELS(8)
ATTENTION_ROWS_KERNELS(16)
ATTENTION_ROWS_KERNELS(32)
