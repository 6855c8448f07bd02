// Convolution gradient by the weight in plain float32 arithmetic, for every type and size. Formula in conv_arguments.cuh.
//
// One GEMM: M = output channels, N = (tap, input channel) flattened, so that a stem's 27 columns fill one tile instead of nine; reduction
// over all output pixels in tiles of 16. 64 (narrow: 32) x 64 outputs a block of 128 threads, 8x4 (4x4) a thread, double-buffered shared
// memory. Splits are summed in order by conv_weights_reduce. Deterministic.
//
// Launch: grid (ceil(k / 64 or 32) * ceil(taps*c / 64), splits), block 128, no dynamic shared memory. pixelsPerSplit: a multiple of 16.
// Names: type of dy, then type of x. Arguments: one ConvWeightsArguments.
#include "conv_arguments.cuh"

namespace {
constexpr int COLUMNS = 64, PIXELS = 16, PAD = 4, THREADS = 128;
constexpr int COLUMN_THREADS = COLUMNS / 4, ROW_THREADS = THREADS / COLUMN_THREADS;

// ROWS output channels by COLUMNS.
template <class Dy, class X, int ROWS>
DEVICE void conv_weights_ffma(const ConvWeightsArguments& a, float (*tileDy)[PIXELS][ROWS + PAD], float (*tileX)[PIXELS][COLUMNS + PAD]) {
    constexpr int PARTS = ROWS / ROW_THREADS / 4; // of four rows, of a thread
    const int32_t columns = a.kernel * a.kernel * a.c;
    const int32_t tilesColumns = ceil_div(columns, COLUMNS);
    const int32_t j0 = int32_t(blockIdx.x) % tilesColumns * COLUMNS;
    const int32_t k0 = int32_t(blockIdx.x) / tilesColumns * ROWS;
    const int32_t split = blockIdx.y;
    const int64_t pixels = int64_t(a.n) * a.p * a.q;
    const int64_t first = int64_t(split) * a.pixelsPerSplit;
    const int64_t end = first + a.pixelsPerSplit < pixels ? first + a.pixelsPerSplit : pixels;
    const int32_t count = int32_t((end - first + PIXELS - 1) / PIXELS);

    // While loading, a thread keeps to one column of each tile.
    const int channel = threadIdx.x % ROWS, dyPixel = threadIdx.x / ROWS;
    const int column = threadIdx.x % COLUMNS, xPixel = threadIdx.x / COLUMNS;
    constexpr int DY_STEP = THREADS / ROWS, X_STEP = THREADS / COLUMNS; // pixels a pass
    const bool insideK = k0 + channel < a.k, insideJ = j0 + column < columns;
    const int32_t tap = (j0 + column) / a.c, c = (j0 + column) - tap * a.c;
    const int32_t r = tap / a.kernel, s = tap - r * a.kernel;
    const Dy* dy = static_cast<const Dy*>(a.dy) + k0 + channel;
    const X* x = static_cast<const X*>(a.x) + c;
    float nextDy[PIXELS / DY_STEP], nextX[PIXELS / X_STEP];

    auto fetch = [&](int32_t step) {
        const int64_t pixel = first + int64_t(step) * PIXELS;
#pragma unroll
        for (int i = 0; i < PIXELS / DY_STEP; i++) {
            const int64_t m = pixel + dyPixel + i * DY_STEP;
            nextDy[i] = m < end && insideK ? to_float(dy[m * a.k]) : 0.f;
        }
#pragma unroll
        for (int i = 0; i < PIXELS / X_STEP; i++) {
            const int64_t m = pixel + xPixel + i * X_STEP;
            const int64_t offset = m < end && insideJ ? tap_offset(a, m, r, s) : -1;
            nextX[i] = offset >= 0 ? to_float(x[offset]) : 0.f;
        }
    };
    auto put = [&](int buffer) {
#pragma unroll
        for (int i = 0; i < PIXELS / DY_STEP; i++) {
            tileDy[buffer][dyPixel + i * DY_STEP][channel] = nextDy[i];
        }
#pragma unroll
        for (int i = 0; i < PIXELS / X_STEP; i++) {
            tileX[buffer][xPixel + i * X_STEP][column] = nextX[i];
        }
    };

    const int ty = threadIdx.x / COLUMN_THREADS, tx = threadIdx.x % COLUMN_THREADS;
    float sums[PARTS][4][4] = {};
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
            float cols[4];
            load_vector(cols, &tileX[now][kk][tx * 4]);
#pragma unroll
            for (int part = 0; part < PARTS; part++) {
                float rows[4];
                load_vector(rows, &tileDy[now][kk][part * (ROWS / PARTS) + ty * 4]);
#pragma unroll
                for (int i = 0; i < 4; i++) {
#pragma unroll
                    for (int j = 0; j < 4; j++) {
                        sums[part][i][j] = fmaf(rows[i], cols[j], sums[part][i][j]);
                    }
                }
            }
        }
        if (step + 1 < count) {
            put(now ^ 1);
        }
        __syncthreads();
    }

#pragma unroll
    for (int part = 0; part < PARTS; part++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
#pragma unroll
            for (int j = 0; j < 4; j++) {
                const int32_t k = k0 + part * (ROWS / PARTS) + ty * 4 + i;
                const int32_t flat = j0 + tx * 4 + j;
                if (k < a.k && flat < columns) {
                    conv_weights_store(a, split, k, flat / a.c, flat % a.c, sums[part][i][j]);
                }
            }
        }
    }
}
} // namespace

#define CONV_WEIGHTS_FFMA(name, Dy, X, ROWS)                                                 \
    extern "C" __global__ void __launch_bounds__(THREADS, 2) name(ConvWeightsArguments a) {  \
        SHARED_ARRAY(float, tileDy, [2][PIXELS][ROWS + PAD]);                                \
        SHARED_ARRAY(float, tileX, [2][PIXELS][COLUMNS + PAD]);                              \
        conv_weights_ffma<Dy, X, ROWS>(a, tileDy, tileX);                                    \
    }

CONV_WEIGHTS_FFMA(conv_weights_ffma_f32_f32, float, float, 64)
CONV_WEIGHTS_FFMA(conv_weights_ffma_bf16_bf16, bf16, bf16, 64)
CONV_WEIGHTS_FFMA(conv_weights_ffma_bf16_f32, bf16, float, 64)
CONV_WEIGHTS_FFMA(conv_weights_ffma_f32_bf16, float, bf16, 64)
CONV_WEIGHTS_FFMA(conv_weights_ffma_narrow_f32_f32, float, float, 32)
