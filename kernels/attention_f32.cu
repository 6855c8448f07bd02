// Multi-head self-attention in float32 (exact to rounding), forward and backward, without the score matrix in memory; heads of at most 32
// channels are attention_rows_f32.cu's.
//   S = q·kᵀ/√d;  P = softmax(S);  y = P·v;  with dP = dy·vᵀ, delta = Σ_d dy·y:  dS = P∘(dP - delta)/√d;  dq = dS·k;  dk = dSᵀ·q;  dv = Pᵀ·dy
// qkv (N, T, 3C) lies head-major: head h has q, k, v at channels 3hd, 3hd + d, 3hd + 2d; y (N, T, C) at hd.
// Forward: online softmax over tiles of 32 keys. Backward: P comes back from logSumExp; dq by query tiles, dk and dv by key tiles in a launch of
// their own, so that nothing is added atomically.
// Saves logSumExp (N, heads, T): log Σ exp(S). Deterministic. Limits: d <= 256; shared memory as below must fit the device.
//
// All three: grid (ceil(T / rows), heads, N), block 8 threads a row: 32 rows; backward also 16, for cards with little shared memory, with the
// same bits. Suffix _d64, _d128, _d256: the smallest that d fits.
//   attention_forward_f32_d*        (y, lse, qkv, int T, int d)                dynamic shared (96·(d + 1) + 1024)·4 bytes
//   attention_backward_dq_f32_d*    (dqkv, dy, qkv, lse, delta, int T, int d)  dynamic shared ((2·rows + 64)·(d + 1) + 64·rows)·4 bytes
//   attention_backward_dkv_f32_d*   the same
// Before the backward launches (either element type, same launch):
//   attention_delta_{f32,bf16}      grid any, block 256: (float* delta (N, heads, T), dy, y, int N, int T, int heads, int d)
#include "common/device.cuh"

constexpr int kTile = 32; // columns a block takes at a time, and the most rows that it owns
constexpr int kWarps = 8; // the most
constexpr int kRowsOfWarp = kTile / kWarps; // 4

// Copies rows [first, first + rows) of a (T, d) matrix with `step` elements between rows into shared memory, zeros past the end.
DEVICE void load_tile(float* tile, const float* matrix, int64_t step, int first, int T, int d, int rows = kTile) {
    for (int i = threadIdx.x; i < rows * d; i += blockDim.x) {
        const int row = i / d, c = i - row * d;
        tile[row * (d + 1) + c] = first + row < T ? matrix[(first + row) * step + c] : 0.f;
    }
}

// sum[r] = row r of this warp in `rows`, times row `lane` of `columns`.
DEVICE void dot_products(float (&sum)[kRowsOfWarp], const float* rows, const float* columns, int d) {
    const float* a = rows + warp_index() * kRowsOfWarp * (d + 1);
    const float* b = columns + lane_index() * (d + 1);
#pragma unroll
    for (int r = 0; r < kRowsOfWarp; r++) {
        sum[r] = 0.f;
    }
    for (int c = 0; c < d; c++) {
        const float column = b[c];
#pragma unroll
        for (int r = 0; r < kRowsOfWarp; r++) {
            sum[r] += a[r * (d + 1) + c] * column;
        }
    }
}

// out[r][part] += Σ_j weights[r][j] · columns[j][lane + 32·part]: a lane owns every 32nd channel of its warp's rows.
template <int Parts> DEVICE void add_weighted(float (&out)[kRowsOfWarp][Parts], const float* weights, const float* columns, int d) {
    for (int j = 0; j < kTile; j++) {
#pragma unroll
        for (int part = 0; part < Parts; part++) {
            const int c = lane_index() + part * kWarpSize;
            const float value = c < d ? columns[j * (d + 1) + c] : 0.f;
#pragma unroll
            for (int r = 0; r < kRowsOfWarp; r++) {
                out[r][part] += weights[r * kTile + j] * value;
            }
        }
    }
}

template <int Parts> DEVICE void forward(float* y, float* lse, const float* qkv, int T, int d, float* shared) {
    float* const q = shared;
    float* const k = q + kTile * (d + 1);
    float* const v = k + kTile * (d + 1);
    float* const p = v + kTile * (d + 1) + warp_index() * kRowsOfWarp * kTile; // this warp's probabilities
    const int head = blockIdx.y, heads = gridDim.y, first = blockIdx.x * kTile;
    const int64_t n = blockIdx.z, step = int64_t(3) * heads * d;
    const float* const base = qkv + n * T * step + int64_t(3) * head * d;
    const float scale = rsqrtf(float(d));

    float out[kRowsOfWarp][Parts] = {}, maximum[kRowsOfWarp];
    float sum[kRowsOfWarp] = {}; // of this lane's columns, until the end
#pragma unroll
    for (int r = 0; r < kRowsOfWarp; r++) {
        maximum[r] = -INFINITY;
    }
    load_tile(q, base, step, first, T, d);
    for (int key = 0; key < T; key += kTile) {
        __syncthreads();
        load_tile(k, base + d, step, key, T, d);
        load_tile(v, base + 2 * d, step, key, T, d);
        __syncthreads();
        float score[kRowsOfWarp];
        dot_products(score, q, k, d);
        bool rises = false;
#pragma unroll
        for (int r = 0; r < kRowsOfWarp; r++) {
            score[r] = key + lane_index() < T ? score[r] * scale : -INFINITY;
            rises |= score[r] > maximum[r];
        }
        if (__any_sync(FULL_WARP, rises)) { // seldom after the first tiles
#pragma unroll
            for (int r = 0; r < kRowsOfWarp; r++) {
                const float larger = fmaxf(maximum[r], warp_max(score[r])); // finite: the first tile has at least one key
                const float shrink = expf(maximum[r] - larger);
                maximum[r] = larger;
                sum[r] *= shrink;
#pragma unroll
                for (int part = 0; part < Parts; part++) {
                    out[r][part] *= shrink;
                }
            }
        }
#pragma unroll
        for (int r = 0; r < kRowsOfWarp; r++) {
            const float weight = expf(score[r] - maximum[r]);
            sum[r] += weight;
            p[r * kTile + lane_index()] = weight;
        }
        __syncwarp();
        add_weighted(out, p, v, d);
    }
#pragma unroll
    for (int r = 0; r < kRowsOfWarp; r++) {
        const int token = first + warp_index() * kRowsOfWarp + r;
        const float total = warp_sum(sum[r]);
        if (token >= T) {
            continue;
        }
        float* row = y + ((n * T + token) * heads + head) * d;
#pragma unroll
        for (int part = 0; part < Parts; part++) {
            const int c = lane_index() + part * kWarpSize;
            if (c < d) {
                row[c] = out[r][part] / total;
            }
        }
        if (lane_index() == 0) {
            lse[(n * heads + head) * T + token] = maximum[r] + logf(total);
        }
    }
}

// Both backward launches are one computation with the roles of queries and keys exchanged. A block owns some rows and walks over all columns:
//   ForKeys = false: rows (q, dy), columns (k, v): dq += dS·k          ForKeys = true: rows (k, v), columns (q, dy): dk += dSᵀ·q, dv += Pᵀ·dy
template <bool ForKeys, int Parts>
DEVICE void backward(float* dqkv, const float* dy, const float* qkv, const float* lse, const float* delta, int T, int d, float* shared) {
    const int rows = blockDim.x / kWarpSize * kRowsOfWarp, row_tile = rows * (d + 1), tile = kTile * (d + 1);
    float *const row_a = shared, *const row_b = row_a + row_tile, *const column_a = row_b + row_tile, *const column_b = column_a + tile;
    float* const p = column_b + tile + warp_index() * kRowsOfWarp * kTile;
    float* const ds = p + rows * kTile;
    const int head = blockIdx.y, heads = gridDim.y, first = blockIdx.x * rows;
    const int64_t n = blockIdx.z, step = int64_t(3) * heads * d, dy_step = int64_t(heads) * d;
    const float* const q = qkv + n * T * step + int64_t(3) * head * d;
    const float* const dy_head = dy + n * T * dy_step + int64_t(head) * d;
    const float* const lse_head = lse + (n * heads + head) * T;
    const float* const delta_head = delta + (n * heads + head) * T;
    const float scale = rsqrtf(float(d));

    load_tile(row_a, ForKeys ? q + d : q, step, first, T, d, rows);
    load_tile(row_b, ForKeys ? q + 2 * d : dy_head, ForKeys ? step : dy_step, first, T, d, rows);
    float out_a[kRowsOfWarp][Parts] = {}, out_b[kRowsOfWarp][ForKeys ? Parts : 1] = {};
    for (int column = 0; column < T; column += kTile) {
        __syncthreads();
        load_tile(column_a, ForKeys ? q : q + d, step, column, T, d);
        load_tile(column_b, ForKeys ? dy_head : q + 2 * d, ForKeys ? dy_step : step, column, T, d);
        __syncthreads();
        float score[kRowsOfWarp], dp[kRowsOfWarp];
        dot_products(score, row_a, column_a, d);
        dot_products(dp, row_b, column_b, d);
#pragma unroll
        for (int r = 0; r < kRowsOfWarp; r++) {
            const int row = first + warp_index() * kRowsOfWarp + r, query = ForKeys ? column + lane_index() : row;
            const bool inside = row < T && column + lane_index() < T;
            const float probability = inside ? expf(score[r] * scale - lse_head[query]) : 0.f;
            p[r * kTile + lane_index()] = probability;
            ds[r * kTile + lane_index()] = inside ? probability * (dp[r] - delta_head[query]) * scale : 0.f;
        }
        __syncwarp();
        add_weighted(out_a, ds, column_a, d);
        if constexpr (ForKeys) {
            add_weighted(out_b, p, column_b, d);
        }
    }
#pragma unroll
    for (int r = 0; r < kRowsOfWarp; r++) {
        const int token = first + warp_index() * kRowsOfWarp + r;
        if (token >= T) {
            continue;
        }
        float* row = dqkv + (n * T + token) * step + int64_t(3) * head * d + (ForKeys ? d : 0);
#pragma unroll
        for (int part = 0; part < Parts; part++) {
            const int c = lane_index() + part * kWarpSize;
            if (c < d) {
                row[c] = out_a[r][part];
                if constexpr (ForKeys) {
                    row[d + c] = out_b[r][part];
                }
            }
        }
    }
}

#define ATTENTION_KERNELS(suffix, Parts)                                                                                                      \
    extern "C" __global__ void __launch_bounds__(kWarps* kWarpSize, 2)                                                                           \
        attention_forward_f32_##suffix(float* __restrict__ y, float* __restrict__ lse, const float* __restrict__ qkv, int T, int d) {         \
        DYNAMIC_SHARED(shared);                                                                                                               \
        forward<Parts>(y, lse, qkv, T, d, reinterpret_cast<float*>(shared));                                                                  \
    }                                                                                                                                         \
    extern "C" __global__ void __launch_bounds__(kWarps* kWarpSize, 2)                                                                           \
        attention_backward_dq_f32_##suffix(float* __restrict__ dqkv, const float* __restrict__ dy, const float* __restrict__ qkv,             \
                                           const float* __restrict__ lse, const float* __restrict__ delta, int T, int d) {                    \
        DYNAMIC_SHARED(shared);                                                                                                               \
        backward<false, Parts>(dqkv, dy, qkv, lse, delta, T, d, reinterpret_cast<float*>(shared));                                            \
    }                                                                                                                                         \
    extern "C" __global__ void __launch_bounds__(kWarps* kWarpSize, 2)                                                                           \
        attention_backward_dkv_f32_##suffix(float* __restrict__ dqkv, const float* __restrict__ dy, const float* __restrict__ qkv,            \
                                            const float* __restrict__ lse, const float* __restrict__ delta, int T, int d) {                   \
        DYNAMIC_SHARED(shared);                                                                                                               \
        backward<true, Parts>(dqkv, dy, qkv, lse, delta, T, d, reinterpret_cast<float*>(shared));                                             \
    }

ATTENTION_KERNELS(d64, 2)
ATTENTION_KERNELS(d128, 4)
ATTENTION_KERNELS(d256, 8)

// delta[n][head][token] = Σ_d dy·y, a warp a row.
template <class T> DEVICE void row_products(float* delta, const T* dy, const T* y, int N, int tokens, int heads, int d) {
    const int64_t rows = int64_t(N) * tokens * heads, warps = global_stride() / kWarpSize;
    for (int64_t row = global_index() / kWarpSize; row < rows; row += warps) {
        float sum = 0.f;
        for (int c = lane_index(); c < d; c += kWarpSize) {
            sum += to_float(dy[row * d + c]) * to_float(y[row * d + c]);
        }
        sum = warp_sum(sum);
        if (lane_index() == 0) {
            const int64_t token = row / heads, n = token / tokens;
            delta[(n * heads + row - token * heads) * tokens + token - n * tokens] = sum;
        }
    }
}

extern "C" __global__ void __launch_bounds__(256)
attention_delta_f32(float* __restrict__ delta, const float* __restrict__ dy, const float* __restrict__ y, int N, int T, int heads, int d) {
    row_products(delta, dy, y, N, T, heads, d);
}

extern "C" __global__ void __launch_bounds__(256)
attention_delta_bf16(float* __restrict__ delta, const bf16* __restrict__ dy, const bf16* __restrict__ y, int N, int T, int heads, int d) {
    row_products(delta, dy, y, N, T, heads, d);
}
