// Sinusoids of the time step: y[n] = [sin(t·f_i), cos(t·f_i)], f_i = exp(-i·ln(10000)/half), half = D / 2. Computed in float64: angles reach a
// thousand radians, where a float32 product alone costs four digits, and there are only N·half of them. Saves nothing. Deterministic.
//
// timestep_embedding   grid any, block 128: (float* y (N, D), const int64* t (N), int N, int D), D even
#include "common/device.cuh"

extern "C" __global__ void __launch_bounds__(128) timestep_embedding(float* __restrict__ y, const int64_t* __restrict__ t, int N, int D) {
    const int half = D / 2;
    for (int64_t i = global_index(); i < int64_t(N) * half; i += global_stride()) {
        const int64_t n = i / half;
        const int k = int(i - n * half);
        const double angle = double(t[n]) * exp(-k * 9.210340371976184 / half); // ln(10000)
        y[n * D + k] = float(sin(angle));
        y[n * D + half + k] = float(cos(angle));
    }
}
