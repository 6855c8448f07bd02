// Multi-head self-attention in bfloat16 on tensor cores (sm_80 on), forward and backward, without the score matrix in memory. Formulas, layout
// and decomposition are those of attention_f32.cu; the difference is the arithmetic: mma.sync m16n8k16 on bfloat16 operands, sums and softmax
// in float32, probabilities and dS rounded to bfloat16 as operands of the second product.
//
// A warp owns 16 rows. Its products with a tile of columns stay in registers as accumulator fragments, which have the layout of the A operand
// of the next product: probabilities never pass through shared memory. Column tiles arrive by cp.async, one ahead of the computation.
// Saves logSumExp (N, heads, T). Deterministic. Limits: d <= 128.
//
// All: grid (ceil(T / 64), heads, N), block 128. Suffix _d16, _d32, _d64, _d128 = D: the smallest that d fits; channels d … D - 1 are zeros.
//   attention_forward_bf16_d*        (y, lse, qkv, int T, int d)                dynamic shared 320·(D + 8)·2 bytes
//   attention_backward_dq_bf16_d*    (dqkv, dy, qkv, lse, delta, int T, int d)  dynamic shared 256·(D + 8)·2 bytes
//   attention_backward_dkv_bf16_d*   the same
// delta: attention_delta_bf16 (attention_f32.cu).
#include "common/device.cuh"

constexpr int kThreads = 128;
constexpr int kRows = 64; // of a block: 4 warps of 16
constexpr float kLog2E = 1.4426950408889634f;

// A (T, d) matrix of one head in global memory.
struct HeadMatrix {
    const bf16* data;
    int64_t step; // elements between tokens
    int T, d;
};

// Rows [first, first + Count) in shared memory: D channels and 16 bytes of padding a row, so that the eight rows of a matrix that ldmatrix
// reads lie in different banks. Rows past T and channels past d become zeros.
template <int Count, int D> struct Tile {
    bf16* data;
    static constexpr int kStep = D + 8;

    // Starts the copy; cp_async_wait and a barrier finish it.
    DEVICE void load(const HeadMatrix& m, int first) const {
        if (m.d % 8 == 0 && is_aligned16(m.data)) {
            for (int i = threadIdx.x; i < Count * (D / 8); i += kThreads) {
                const int row = i / (D / 8), c = i % (D / 8) * 8;
                const bool inside = first + row < m.T && c < m.d;
                cp_async16(data + row * kStep + c, inside ? m.data + (first + row) * m.step + c : m.data, inside);
            }
        } else {
            for (int i = threadIdx.x; i < Count * D; i += kThreads) {
                const int row = i / D, c = i % D;
                data[row * kStep + c] = first + row < m.T && c < m.d ? m.data[(first + row) * m.step + c] : bf16{0};
            }
        }
    }

    // A operand: rows row … row + 15, channels c … c + 15.
    DEVICE void load_a(uint32_t (&a)[4], int row, int c) const {
        const int lane = lane_index();
        ldmatrix_x4(a, data + (row + lane % 16) * kStep + c + lane / 16 * 8);
    }
    // B operands of two products by the transpose: tokens token … token + 15 are the columns, channels c … c + 15 the summed index.
    DEVICE void load_b_transpose(uint32_t (&b)[4], int token, int c) const {
        const int lane = lane_index();
        ldmatrix_x4(b, data + (token + lane % 8 + lane / 16 * 8) * kStep + c + lane / 8 % 2 * 8);
    }
    // B operands of two products by the tile itself: tokens token … token + 15 are summed over, channels c … c + 15 the columns.
    DEVICE void load_b(uint32_t (&b)[4], int token, int c) const {
        const int lane = lane_index();
        ldmatrix_x4_trans(b, data + (token + lane % 16) * kStep + c + lane / 16 * 8);
    }
};

// scores (16 rows x Count columns, as fragments) = rows · columnsᵀ
template <int Count, int D, int RowCount>
DEVICE void multiply_transpose(float (&scores)[Count / 8][4], const Tile<RowCount, D>& rows, int row, const Tile<Count, D>& columns) {
#pragma unroll
    for (int j = 0; j < Count / 8; j++) {
        scores[j][0] = scores[j][1] = scores[j][2] = scores[j][3] = 0.f;
    }
#pragma unroll 2 // all of them at once would spill: the operands of every step would be loaded ahead
    for (int c = 0; c < D; c += 16) {
        uint32_t a[4];
        rows.load_a(a, row, c);
#pragma unroll
        for (int j = 0; j < Count / 16; j++) {
            uint32_t b[4];
            columns.load_b_transpose(b, 16 * j, c);
            mma_m16n8k16_bf16(scores[2 * j], a, b[0], b[1]);
            mma_m16n8k16_bf16(scores[2 * j + 1], a, b[2], b[3]);
        }
    }
}

// out (16 rows x D) += weights (16 rows x Count columns, as fragments) · columns
template <int Count, int D> DEVICE void multiply_add(float (&out)[D / 8][4], const float (&weights)[Count / 8][4], const Tile<Count, D>& columns) {
#pragma unroll
    for (int j = 0; j < Count / 16; j++) {
        const uint32_t a[4] = {pack_bf16x2(weights[2 * j][0], weights[2 * j][1]), pack_bf16x2(weights[2 * j][2], weights[2 * j][3]),
                               pack_bf16x2(weights[2 * j + 1][0], weights[2 * j + 1][1]), pack_bf16x2(weights[2 * j + 1][2], weights[2 * j + 1][3])};
#pragma unroll
        for (int c = 0; c < D / 16; c++) {
            uint32_t b[4];
            columns.load_b(b, 16 * j, 16 * c);
            mma_m16n8k16_bf16(out[2 * c], a, b[0], b[1]);
            mma_m16n8k16_bf16(out[2 * c + 1], a, b[2], b[3]);
        }
    }
}

// Writes this lane's part of one row of fragments: half 0 is row lane / 4, half 1 eight rows further.
template <int D> DEVICE void store_row(bf16* row, const float (&out)[D / 8][4], int half, float scale, int d) {
#pragma unroll
    for (int j = 0; j < D / 8; j++) {
        const int c = 8 * j + lane_index() % 4 * 2;
        const uint32_t pair = pack_bf16x2(out[j][2 * half] * scale, out[j][2 * half + 1] * scale);
        if (d % 2 == 0) {
            if (c < d) {
                *reinterpret_cast<uint32_t*>(row + c) = pair;
            }
            continue;
        }
        if (c < d) {
            row[c] = bf16{uint16_t(pair)};
        }
        if (c + 1 < d) {
            row[c + 1] = bf16{uint16_t(pair >> 16)};
        }
    }
}

// Over the four lanes that share a row of fragments.
DEVICE float row_max(float v) {
    v = fmaxf(v, __shfl_xor_sync(FULL_WARP, v, 1));
    return fmaxf(v, __shfl_xor_sync(FULL_WARP, v, 2));
}

DEVICE float row_sum(float v) {
    v += __shfl_xor_sync(FULL_WARP, v, 1);
    return v + __shfl_xor_sync(FULL_WARP, v, 2);
}

// ---- forward -------------------------------------------------------------------------------------------------------------------------------

template <int D> DEVICE void forward(bf16* y, float* lse, const bf16* qkv, int T, int d, bf16* shared) {
    constexpr int kKeys = 64;
    using Rows = Tile<kRows, D>;
    using Keys = Tile<kKeys, D>;
    const Rows q{shared};
    const auto k = [&](int stage) { return Keys{shared + (kRows + stage * kKeys) * Rows::kStep}; };
    const auto v = [&](int stage) { return Keys{shared + (kRows + (2 + stage) * kKeys) * Rows::kStep}; };
    const int head = blockIdx.y, heads = gridDim.y, first = blockIdx.x * kRows, row = warp_index() * 16;
    const int64_t n = blockIdx.z, step = int64_t(3) * heads * d;
    const bf16* const base = qkv + n * T * step + int64_t(3) * head * d;
    const HeadMatrix keys{base + d, step, T, d}, values{base + 2 * d, step, T, d};
    const float scale = rsqrtf(float(d)), scale2 = scale * kLog2E;

    float out[D / 8][4] = {}, maximum[2] = {-INFINITY, -INFINITY}, sum[2] = {};
    q.load({base, step, T, d}, first);
    k(0).load(keys, 0);
    v(0).load(values, 0);
    cp_async_commit();
    for (int key = 0, stage = 0; key < T; key += kKeys, stage ^= 1) {
        if (key + kKeys < T) {
            k(stage ^ 1).load(keys, key + kKeys);
            v(stage ^ 1).load(values, key + kKeys);
        }
        cp_async_commit();
        cp_async_wait<1>(); // all but the tile just started
        __syncthreads();
        float p[kKeys / 8][4];
        multiply_transpose(p, q, row, k(stage));
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float larger = maximum[half];
#pragma unroll
            for (int j = 0; j < kKeys / 8; j++) {
#pragma unroll
                for (int e = 2 * half; e < 2 * half + 2; e++) {
                    if (key + 8 * j + lane_index() % 4 * 2 + e % 2 >= T) {
                        p[j][e] = -INFINITY;
                    }
                    larger = fmaxf(larger, p[j][e]);
                }
            }
            larger = row_max(larger); // finite: every tile has at least one key
            const float shrink = exp2f((maximum[half] - larger) * scale2);
            maximum[half] = larger;
            float added = 0.f;
#pragma unroll
            for (int j = 0; j < kKeys / 8; j++) {
#pragma unroll
                for (int e = 2 * half; e < 2 * half + 2; e++) {
                    p[j][e] = exp2f((p[j][e] - larger) * scale2);
                    added += p[j][e];
                }
            }
            sum[half] = sum[half] * shrink + added; // this lane's columns; the lanes meet at the end
#pragma unroll
            for (int j = 0; j < D / 8; j++) {
                out[j][2 * half] *= shrink;
                out[j][2 * half + 1] *= shrink;
            }
        }
        multiply_add(out, p, v(stage));
        __syncthreads(); // the next round's copies overwrite this stage
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
        const int token = first + row + lane_index() / 4 + half * 8;
        const float total = row_sum(sum[half]);
        if (token < T) {
            store_row<D>(y + ((n * T + token) * heads + head) * d, out, half, 1.f / total, d);
            if (lane_index() % 4 == 0) {
                lse[(n * heads + head) * T + token] = maximum[half] * scale + logf(total);
            }
        }
    }
}

// ---- backward: see attention_f32.cu for the exchange of roles --------------------------------------------------------------------------------

template <bool ForKeys, int D>
DEVICE void backward(bf16* dqkv, const bf16* dy, const bf16* qkv, const float* lse, const float* delta, int T, int d, bf16* shared) {
    constexpr int kColumns = ForKeys && D == 128 ? 16 : 32; // what leaves registers for the two results
    using Rows = Tile<kRows, D>;
    using Columns = Tile<kColumns, D>;
    const Rows row_a{shared}, row_b{shared + kRows * Rows::kStep};
    bf16* const columns = shared + 2 * kRows * Rows::kStep;
    const auto column_a = [&](int stage) { return Columns{columns + stage * kColumns * Rows::kStep}; };
    const auto column_b = [&](int stage) { return Columns{columns + (2 + stage) * kColumns * Rows::kStep}; };
    const int head = blockIdx.y, heads = gridDim.y, first = blockIdx.x * kRows, row = warp_index() * 16;
    const int64_t n = blockIdx.z, step = int64_t(3) * heads * d, dy_step = int64_t(heads) * d;
    const bf16* const base = qkv + n * T * step + int64_t(3) * head * d;
    const HeadMatrix q{base, step, T, d}, k{base + d, step, T, d}, v{base + 2 * d, step, T, d};
    const HeadMatrix dy_head{dy + n * T * dy_step + int64_t(head) * d, dy_step, T, d};
    const float* const lse_head = lse + (n * heads + head) * T;
    const float* const delta_head = delta + (n * heads + head) * T;
    const float scale = rsqrtf(float(d)), scale2 = scale * kLog2E;
    const int own = first + row + lane_index() / 4; // this lane's rows are own and own + 8

    float out_a[D / 8][4] = {}, out_b[ForKeys ? D / 8 : 1][4] = {};
    row_a.load(ForKeys ? k : q, first);
    row_b.load(ForKeys ? v : dy_head, first);
    column_a(0).load(ForKeys ? q : k, 0);
    column_b(0).load(ForKeys ? dy_head : v, 0);
    cp_async_commit();
    for (int column = 0, stage = 0; column < T; column += kColumns, stage ^= 1) {
        if (column + kColumns < T) {
            column_a(stage ^ 1).load(ForKeys ? q : k, column + kColumns);
            column_b(stage ^ 1).load(ForKeys ? dy_head : v, column + kColumns);
        }
        cp_async_commit();
        cp_async_wait<1>();
        __syncthreads();
        float p[kColumns / 8][4], ds[kColumns / 8][4];
        multiply_transpose(p, row_a, row, column_a(stage));
        multiply_transpose(ds, row_b, row, column_b(stage));
#pragma unroll
        for (int j = 0; j < kColumns / 8; j++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                const int c = column + 8 * j + lane_index() % 4 * 2 + e % 2, r = own + e / 2 * 8, query = ForKeys ? c : r;
                const bool inside = c < T && r < T;
                p[j][e] = inside ? exp2f(p[j][e] * scale2 - lse_head[query] * kLog2E) : 0.f;
                ds[j][e] = inside ? p[j][e] * (ds[j][e] - delta_head[query]) : 0.f;
            }
        }
        multiply_add(out_a, ds, column_a(stage));
        if constexpr (ForKeys) {
            multiply_add(out_b, p, column_b(stage));
        }
        __syncthreads();
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
        const int token = own + half * 8;
        if (token < T) {
            bf16* const target = dqkv + (n * T + token) * step + int64_t(3) * head * d + (ForKeys ? d : 0);
            store_row<D>(target, out_a, half, scale, d);
            if constexpr (ForKeys) {
                store_row<D>(target + d, out_b, half, 1.f, d);
            }
        }
    }
}

#define ATTENTION_KERNELS(D)                                                                                                                  \
    extern "C" __global__ void __launch_bounds__(kThreads, 2)                                                                                    \
        attention_forward_bf16_d##D(bf16* __restrict__ y, float* __restrict__ lse, const bf16* __restrict__ qkv, int T, int d) {              \
        DYNAMIC_SHARED(shared);                                                                                                               \
        forward<D>(y, lse, qkv, T, d, reinterpret_cast<bf16*>(shared));                                                                       \
    }                                                                                                                                         \
    extern "C" __global__ void __launch_bounds__(kThreads, 2)                                                                                    \
        attention_backward_dq_bf16_d##D(bf16* __restrict__ dqkv, const bf16* __restrict__ dy, const bf16* __restrict__ qkv,                   \
                                        const float* __restrict__ lse, const float* __restrict__ delta, int T, int d) {                       \
        DYNAMIC_SHARED(shared);                                                                                                               \
        backward<false, D>(dqkv, dy, qkv, lse, delta, T, d, reinterpret_cast<bf16*>(shared));                                                 \
    }                                                                                                                                         \
    extern "C" __global__ void __launch_bounds__(kThreads, 2)                                                                                    \
        attention_backward_dkv_bf16_d##D(bf16* __restrict__ dqkv, const bf16* __restrict__ dy, const bf16* __restrict__ qkv,                  \
                                         const float* __restrict__ lse, const float* __restrict__ delta, int T, int d) {                      \
        DYNAMIC_SHARED(shared);                                                                                                               \
        backward<true, D>(dqkv, dy, qkv, lse, delta, T, d, reinterpret_cast<bf16*>(shared));                                                  \
    }

ATTENTION_KERNELS(16)
ATTENTION_KERNELS(32)
ATTENTION_KERNELS(64)
ATTENTION_KERNELS(128)
