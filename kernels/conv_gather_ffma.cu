// Convolution forward and gradient by the input in plain float32 arithmetic: for exactness, for chips before sm_80, and for the few-channel
// ends of the networks that tensor cores do not fit (three or six channels in, mixed types). Formula in conv_arguments.cuh.
//
// Implicit GEMM, 128 pixels x 64 output channels (narrow: 32) a block, 8x8 outputs a thread (narrow, and where channels are read one by one and
// registers are short: 8x4); the reduction (tap, channel) is flattened and cut into tiles of 16. Tiles pass through registers into double-buffered shared memory. Products are fused multiply-adds in the order
// (tap, channel): a naive float32 loop's error, and the same bits on every run.
//
// Launch: grid (ceil(n*p*q / 128), ceil(k / 64 or 32), splits), block 128, but 256 where neither narrow nor _v4; no dynamic shared memory. Arguments: one ConvArguments; weight is
// float32. Names ending in _v4 read four channels at a time: input channels a multiple of 4, weightChannel 1, weightRow and weightTap
// multiples of 4, both pointers 16-byte aligned. The others take anything.
#include "conv_epilogue.cuh"

namespace {
constexpr int BM = 128, BK = 16, ROW_THREADS = BM / 8;
constexpr int PAD = 4, ROW_A = BM + PAD; // rows of tiles, padded so that the transposing stores spread over the banks

// One element or four into `out`.
template <class T> DEVICE void read(float (&out)[1], const T* p) { out[0] = to_float(*p); }
template <class T> DEVICE void read(float (&out)[4], const T* p) { load_vector(out, p); }

template <class Input, class Output, int V, int BN, int THREADS> struct ConvGatherFfma {
    static constexpr int ROW_B = BN + PAD, COLUMN_THREADS = THREADS / ROW_THREADS;
    static constexpr int COLUMNS = BN / COLUMN_THREADS / 4; // of four channels, of a thread
    static constexpr int GROUPS = BK / V;           // reads along a tile's reduction
    static constexpr int STEP = THREADS / GROUPS;   // rows a pass
    static constexpr int A_READS = BM / STEP, B_READS = BN / STEP;

    const ConvArguments& a;
    const int64_t m0;
    const int32_t n0;
    const int row, group;
    PixelOrigin origins[A_READS];
    float nextA[A_READS][V], nextB[B_READS][V];

    DEVICE explicit ConvGatherFfma(const ConvArguments& arguments)
        : a(arguments), m0(int64_t(blockIdx.x) * BM), n0(int32_t(blockIdx.y) * BN), row(threadIdx.x / GROUPS), group(threadIdx.x % GROUPS) {
#pragma unroll
        for (int i = 0; i < A_READS; i++) {
            origins[i] = pixel_origin(a, m0 + row + i * STEP);
        }
    }

    // The tile that starts at flat reduction index `at`, into registers.
    DEVICE void fetch(int32_t at) {
        const int32_t flat = at + group * V;
        const int32_t tap = flat / a.c;
        const int32_t c = flat - tap * a.c;
        const int32_t r = tap / a.kernel;
        const int32_t s = tap - r * a.kernel;
        const bool inside = tap < a.kernel * a.kernel;
        const Input* input = static_cast<const Input*>(a.input) + c;
#pragma unroll
        for (int i = 0; i < A_READS; i++) {
            const int64_t offset = inside ? tap_offset(a, origins[i], r, s) : -1;
#pragma unroll
            for (int v = 0; v < V; v++) {
                nextA[i][v] = 0.f;
            }
            if (offset >= 0) {
                read(nextA[i], input + offset);
            }
        }
        const float* weight = static_cast<const float*>(a.weight) + tap * a.weightTap + c * a.weightChannel;
#pragma unroll
        for (int i = 0; i < B_READS; i++) {
            const int32_t k = n0 + row + i * STEP;
#pragma unroll
            for (int v = 0; v < V; v++) {
                nextB[i][v] = 0.f;
            }
            if (inside && k < a.k) {
                read(nextB[i], weight + k * a.weightRow);
            }
        }
    }

    DEVICE void put(float (*tileA)[ROW_A], float (*tileB)[ROW_B]) {
#pragma unroll
        for (int v = 0; v < V; v++) {
#pragma unroll
            for (int i = 0; i < A_READS; i++) {
                tileA[group * V + v][row + i * STEP] = nextA[i][v];
            }
#pragma unroll
            for (int i = 0; i < B_READS; i++) {
                tileB[group * V + v][row + i * STEP] = nextB[i][v];
            }
        }
    }

    DEVICE void run(float (*tileA)[BK][ROW_A], float (*tileB)[BK][ROW_B]) {
        const int32_t steps = ceil_div(a.kernel * a.kernel * a.c, BK);
        const int32_t first = int32_t(blockIdx.z) * a.stepsPerSplit;
        const int32_t end = first + a.stepsPerSplit < steps ? first + a.stepsPerSplit : steps;
        const int ty = threadIdx.x / COLUMN_THREADS, tx = threadIdx.x % COLUMN_THREADS;
        float sums[COLUMNS][8][4] = {};

        fetch(first * BK);
        put(tileA[0], tileB[0]);
        __syncthreads();
        for (int32_t step = first; step < end; step++) {
            const int now = (step - first) & 1;
            if (step + 1 < end) {
                fetch((step + 1) * BK);
            }
#pragma unroll
            for (int kk = 0; kk < BK; kk++) {
                float low[4], high[4];
                load_vector(low, &tileA[now][kk][ty * 4]);
                load_vector(high, &tileA[now][kk][BM / 2 + ty * 4]);
#pragma unroll
                for (int part = 0; part < COLUMNS; part++) {
                    float columns[4];
                    load_vector(columns, &tileB[now][kk][part * (BN / COLUMNS) + tx * 4]);
#pragma unroll
                    for (int i = 0; i < 4; i++) {
#pragma unroll
                        for (int j = 0; j < 4; j++) {
                            sums[part][i][j] = fmaf(low[i], columns[j], sums[part][i][j]);
                            sums[part][i + 4][j] = fmaf(high[i], columns[j], sums[part][i + 4][j]);
                        }
                    }
                }
            }
            if (step + 1 < end) {
                put(tileA[now ^ 1], tileB[now ^ 1]);
            }
            __syncthreads();
        }

        const int64_t pixels = int64_t(a.n) * a.p * a.q;
#pragma unroll
        for (int part = 0; part < COLUMNS; part++) {
            const int32_t k = n0 + part * (BN / COLUMNS) + tx * 4;
#pragma unroll
            for (int i = 0; i < 8; i++) {
                const int64_t m = m0 + ty * 4 + i % 4 + i / 4 * (BM / 2);
                if (m < pixels && k < a.k) {
                    conv_finish4<Output>(a, blockIdx.z, m, k, sums[part][i]);
                }
            }
        }
    }
};
} // namespace

#define CONV_GATHER_FFMA(name, Input, Output, V, BN, THREADS)                           \
    extern "C" __global__ void __launch_bounds__(THREADS, 2) name(ConvArguments a) {    \
        using Kernel = ConvGatherFfma<Input, Output, V, BN, THREADS>;                   \
        SHARED_ARRAY(float, tileA, [2][BK][ROW_A]);                                     \
        SHARED_ARRAY(float, tileB, [2][BK][Kernel::ROW_B]);                             \
        Kernel(a).run(tileA, tileB);                                                    \
    }

CONV_GATHER_FFMA(conv_gather_ffma_f32_v4, float, float, 4, 64, 128)
CONV_GATHER_FFMA(conv_gather_ffma_f32, float, float, 1, 64, 256)
CONV_GATHER_FFMA(conv_gather_ffma_bf16_v4, bf16, bf16, 4, 64, 128)
CONV_GATHER_FFMA(conv_gather_ffma_bf16, bf16, bf16, 1, 64, 256)
CONV_GATHER_FFMA(conv_gather_ffma_f32_to_bf16, float, bf16, 1, 64, 256)
CONV_GATHER_FFMA(conv_gather_ffma_bf16_to_f32, bf16, float, 1, 64, 256)
CONV_GATHER_FFMA(conv_gather_ffma_narrow_f32_v4, float, float, 4, 32, 128)
CONV_GATHER_FFMA(conv_gather_ffma_narrow_f32, float, float, 1, 32, 128)
