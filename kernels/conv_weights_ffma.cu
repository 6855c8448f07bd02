// Convolution gradient by the weight in plain float32 arithmetic, for every type and size. Formula in conv_arguments.cuh.
//
// One GEMM: M = output channels, N = (tap, input channel) flattened, so that a stem's 27 columns fill one tile instead of nine; reduction
// over all output pixels in tiles of 16. 64 x 64 outputs a block of 256 threads, 4x4 a thread, double-buffered shared memory. Splits
// are summed in order by conv_weights_reduce. Deterministic.
//
// Launch: grid (ceil(k / 64) * ceil(taps*c / 64), splits), block 256, no dynamic shared memory. pixelsPerSplit: a multiple of 16.
// Names: type of dy, then type of x. Arguments: one ConvWeightsArguments.
#include "conv_arguments.cuh"

namespace {
constexpr int B = 64, PIXELS = 16, ROW = B + 4, THREADS = 256, READS = PIXELS * B / THREADS;

template <class Dy, class X> DEVICE void conv_weights_ffma(const ConvWeightsArguments& a, float (*tileDy)[PIXELS][ROW], float (*tileX)[PIXELS][ROW]) {
    const int32_t columns = a.kernel * a.kernel * a.c;
    const int32_t tilesColumns = ceil_div(columns, B);
    const int32_t j0 = int32_t(blockIdx.x) % tilesColumns * B;
    const int32_t k0 = int32_t(blockIdx.x) / tilesColumns * B;
    const int32_t split = blockIdx.y;
    const int64_t pixels = int64_t(a.n) * a.p * a.q;
    const int64_t first = int64_t(split) * a.pixelsPerSplit;
    const int64_t end = first + a.pixelsPerSplit < pixels ? first + a.pixelsPerSplit : pixels;
    const int32_t count = int32_t((end - first + PIXELS - 1) / PIXELS);

    // While loading, a thread keeps to one column of each tile.
    const int column = threadIdx.x % B, row = threadIdx.x / B;
    const bool insideK = k0 + column < a.k, insideJ = j0 + column < columns;
    const int32_t tap = (j0 + column) / a.c, c = (j0 + column) - tap * a.c;
    const int32_t r = tap / a.kernel, s = tap - r * a.kernel;
    const Dy* dy = static_cast<const Dy*>(a.dy) + k0 + column;
    const X* x = static_cast<const X*>(a.x) + c;
    float nextDy[READS], nextX[READS];

    auto fetch = [&](int32_t step) {
#pragma unroll
        for (int i = 0; i < READS; i++) {
            const int64_t m = first + int64_t(step) * PIXELS + row + i * (THREADS / B);
            const bool valid = m < end;
            nextDy[i] = valid && insideK ? to_float(dy[m * a.k]) : 0.f;
            const int64_t offset = valid && insideJ ? tap_offset(a, m, r, s) : -1;
            nextX[i] = offset >= 0 ? to_float(x[offset]) : 0.f;
        }
    };
    auto put = [&](int buffer) {
#pragma unroll
        for (int i = 0; i < READS; i++) {
            tileDy[buffer][row + i * (THREADS / B)][column] = nextDy[i];
            tileX[buffer][row + i * (THREADS / B)][column] = nextX[i];
        }
    };

    const int ty = threadIdx.x / 16, tx = threadIdx.x % 16;
    float sums[4][4] = {};
    fetch(0);
    put(0);
    __syncthreads();
    for (int32_t step = 0; step < count; step++) {
        const int now = step & 1;
        if (step + 1 < count) {
            fetch(step + 1);
        }
#pragma unroll
        for (int kk = 0; kk < PIXELS; kk++) {
            float rows[4], cols[4];
            load_vector(rows, &tileDy[now][kk][ty * 4]);
            load_vector(cols, &tileX[now][kk][tx * 4]);
#pragma unroll
            for (int i = 0; i < 4; i++) {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    sums[i][j] = fmaf(rows[i], cols[j], sums[i][j]);
                }
            }
        }
        if (step + 1 < count) {
            put(now ^ 1);
        }
        __syncthreads();
    }

#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
            const int32_t k = k0 + ty * 4 + i;
            const int32_t flat = j0 + tx * 4 + j;
            if (k < a.k && flat < columns) {
                conv_weights_store(a, split, k, flat / a.c, flat % a.c, sums[i][j]);
            }
        }
    }
}
} // namespace

#define CONV_WEIGHTS_FFMA(name, Dy, X)                                                       \
    extern "C" __global__ void __launch_bounds__(THREADS, 2) name(ConvWeightsArguments a) {  \
        SHARED_ARRAY(float, tileDy, [2][PIXELS][ROW]);                                       \
        SHARED_ARRAY(float, tileX, [2][PIXELS][ROW]);                                        \
        conv_weights_ffma<Dy, X>(a, tileDy, tileX);                                          \
    }

CONV_WEIGHTS_FFMA(conv_weights_ffma_f32_f32, float, float)
CONV_WEIGHTS_FFMA(conv_weights_ffma_bf16_bf16, bf16, bf16)
CONV_WEIGHTS_FFMA(conv_weights_ffma_bf16_f32, bf16, float)
CONV_WEIGHTS_FFMA(conv_weights_ffma_f32_bf16, float, bf16)
