// Adam (Kingma and Ba, 2015) over a whole parameter slab in one launch:
//   g' = g + weightDecay·p;  m = b1·m + (1-b1)·g';  v = b2·v + (1-b2)·g'²;  p -= lr·(m/c1) / (sqrt(v/c2) + eps),  c1 = 1-b1^step, c2 = 1-b2^step
// Saves nothing. Deterministic: every element stands alone.
//
// adam_step_f32   grid any, block 256;  p, m, v (updated), g: float[n];  the corrections c1 and c2 are computed by the host in float64.
#include "common/device.cuh"

DEVICE void adam_element(float& p, float& m, float& v, float g, float learning_rate, float beta1, float beta2, float eps, float weight_decay,
                         float correction1, float correction2) {
    g += weight_decay * p;
    m = beta1 * m + (1.f - beta1) * g;
    v = beta2 * v + (1.f - beta2) * g * g;
    p -= learning_rate * (m / correction1) / (sqrtf(v / correction2) + eps);
}

extern "C" __global__ void __launch_bounds__(256) adam_step_f32(float* __restrict__ p, float* __restrict__ m, float* __restrict__ v,
                                                               const float* __restrict__ g, float learning_rate, float beta1, float beta2,
                                                               float eps, float weight_decay, float correction1, float correction2, int64_t n) {
    const bool vectorised = is_aligned16(p) && is_aligned16(m) && is_aligned16(v) && is_aligned16(g);
    const int64_t vectors = vectorised ? n / 4 : 0;
    for (int64_t i = global_index(); i < vectors; i += global_stride()) {
        float pv[4], mv[4], vv[4], gv[4];
        load_vector(pv, p + 4 * i);
        load_vector(mv, m + 4 * i);
        load_vector(vv, v + 4 * i);
        load_vector(gv, g + 4 * i);
#pragma unroll
        for (int k = 0; k < 4; k++) {
            adam_element(pv[k], mv[k], vv[k], gv[k], learning_rate, beta1, beta2, eps, weight_decay, correction1, correction2);
        }
        store_vector(p + 4 * i, pv);
        store_vector(m + 4 * i, mv);
        store_vector(v + 4 * i, vv);
    }
    for (int64_t i = 4 * vectors + global_index(); i < n; i += global_stride()) {
        adam_element(p[i], m[i], v[i], g[i], learning_rate, beta1, beta2, eps, weight_decay, correction1, correction2);
    }
}
