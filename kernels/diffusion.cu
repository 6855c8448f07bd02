// The diffusion formulas on float32 images (N, H, W, C); coefficient rows lie in device memory, one a sample.
//   noise:     element e of sample n = normal number e of Philox(seed, purpose, samples[n]), e counted in NCHW order
//   add noise: x_t = c0·x0 + c1·noise                              x̂0 = clamp(c0·x_t - c1·eps, -1, 1)
//   guidance:  x̂0_b = clamp(r_b·x_b - m_b·ε_b);  x̃_s = a·x̂0_b + s·ε_s;  ε_g = ε_s - s·w·(x̃_s - x_s);  x̂0_g = clamp(r_s·x_s - m_s·ε_g)
//              with a row (a, s, r_s, m_s, r_b, m_b) = (√ᾱ_s, √(1-ᾱ_s), √(1/ᾱ_s), √(1/ᾱ_s - 1), √(1/ᾱ_b), √(1/ᾱ_b - 1))
//   guidance backward, with g = dx̂0_g where |r_s·x_s - m_s·ε_g| <= 1, else 0:
//              dε_s = -m_s·(1 - s²·w)·g         dε_b = -m_s·s·w·a·m_b·g where |r_b·x_b - m_b·ε_b| <= 1, else 0
//   sampler:   x0 = clamp(c0·x_t - c1·eps, -1, 1);  x_prev = c2·x0 + c3·x_t + c4·noise
// Saves nothing: the backward pass repeats the few operations it needs, which is cheaper than reading them. Deterministic.
//
// All: grid any, block 256, float32. `perSample` = H·W·C.
//   gaussian_noise         (y, const int64* samples, int64 seed, int purpose, int N, int64 pixels, int C)      pixels = H·W
//   add_noise              (xt, x0, noise, coefficients (N, 2), int N, int64 perSample)
//   predict_x0             (x0, xt, eps, coefficients (N, 2), int N, int64 perSample)
//   norm_guidance_forward  (x0Guided, x0Noisier or null, xtRenoised or null, xtSmall, xtBig, epsSmall, epsBig, coefficients (N, 6), float w,
//                           int N, int64 perSample)
//   norm_guidance_backward (depsSmall, depsBig, dx0Guided, xtSmall, xtBig, epsSmall, epsBig, coefficients (N, 6), float w, int N, int64 perSample)
//   sampler_step           (xPrevious, x0, xt, eps, noise or null, coefficients (N, 5), int N, int64 perSample)   xPrevious may be xt
#include "common/device.cuh"

// NaN stays NaN.
DEVICE float clamp_unit(float x) { return x < -1.f ? -1.f : x > 1.f ? 1.f : x; }

// Calls body(element, sample) for all elements of a batch.
template <class Body> DEVICE void for_each_element(int N, int64_t per_sample, Body body) {
    for (int64_t i = global_index(); i < N * per_sample; i += global_stride()) {
        body(i, i / per_sample);
    }
}

// One thread a Philox block of four normals: pixels 4b…4b+3 of the sample in channel-major order. Neighbouring threads write neighbouring
// pixels of one channel; the other channels' gaps are filled by later blocks, while the lines are still in the L2 cache.
extern "C" __global__ void __launch_bounds__(256) gaussian_noise(float* __restrict__ y, const int64_t* __restrict__ samples, int64_t seed,
                                                                int purpose, int N, int64_t pixels, int C) {
    const int64_t per_sample = pixels * C, blocks = (per_sample + 3) / 4;
    for (int64_t i = global_index(); i < N * blocks; i += global_stride()) {
        const int64_t n = i / blocks, block = i - n * blocks;
        const uint4 words = philox_block(uint64_t(seed), uint32_t(purpose), uint64_t(samples[n]), uint32_t(block));
        float normals[4];
        philox_normal_pair(normals[0], normals[1], words.x, words.y);
        philox_normal_pair(normals[2], normals[3], words.z, words.w);
#pragma unroll
        for (int k = 0; k < 4; k++) {
            const int64_t e = 4 * block + k;
            if (e < per_sample) {
                const int64_t c = e / pixels, pixel = e - c * pixels;
                y[(n * pixels + pixel) * C + c] = normals[k];
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(256) add_noise(float* xt, const float* x0, const float* noise, const float* coefficients, int N,
                                                           int64_t per_sample) {
    for_each_element(N, per_sample, [=](int64_t i, int64_t n) {
        xt[i] = coefficients[2 * n] * x0[i] + coefficients[2 * n + 1] * noise[i];
    });
}

extern "C" __global__ void __launch_bounds__(256) predict_x0(float* x0, const float* xt, const float* eps, const float* coefficients, int N,
                                                            int64_t per_sample) {
    for_each_element(N, per_sample, [=](int64_t i, int64_t n) {
        x0[i] = clamp_unit(coefficients[2 * n] * xt[i] - coefficients[2 * n + 1] * eps[i]);
    });
}

// One row of guidance coefficients, and the formula's intermediate values at one element.
struct Guidance {
    float noisier_unclamped, noisier, renoised, guided_unclamped;
    DEVICE Guidance(const float* c, float w, float xt_small, float xt_big, float eps_small, float eps_big) {
        noisier_unclamped = c[4] * xt_big - c[5] * eps_big;
        noisier = clamp_unit(noisier_unclamped);
        renoised = c[0] * noisier + c[1] * eps_small;
        const float eps_guided = eps_small - c[1] * w * (renoised - xt_small);
        guided_unclamped = c[2] * xt_small - c[3] * eps_guided;
    }
};

extern "C" __global__ void __launch_bounds__(256)
norm_guidance_forward(float* x0_guided, float* x0_noisier, float* xt_renoised, const float* xt_small, const float* xt_big, const float* eps_small,
                      const float* eps_big, const float* coefficients, float w, int N, int64_t per_sample) {
    for_each_element(N, per_sample, [=](int64_t i, int64_t n) {
        const Guidance g(coefficients + 6 * n, w, xt_small[i], xt_big[i], eps_small[i], eps_big[i]);
        x0_guided[i] = clamp_unit(g.guided_unclamped);
        if (x0_noisier != nullptr) {
            x0_noisier[i] = g.noisier;
        }
        if (xt_renoised != nullptr) {
            xt_renoised[i] = g.renoised;
        }
    });
}

extern "C" __global__ void __launch_bounds__(256)
norm_guidance_backward(float* deps_small, float* deps_big, const float* dx0_guided, const float* xt_small, const float* xt_big,
                       const float* eps_small, const float* eps_big, const float* coefficients, float w, int N, int64_t per_sample) {
    for_each_element(N, per_sample, [=](int64_t i, int64_t n) {
        const float* c = coefficients + 6 * n;
        const Guidance g(c, w, xt_small[i], xt_big[i], eps_small[i], eps_big[i]);
        const float gradient = fabsf(g.guided_unclamped) <= 1.f ? -c[3] * dx0_guided[i] : 0.f; // by eps_guided
        deps_small[i] = gradient * (1.f - c[1] * w * c[1]);
        deps_big[i] = fabsf(g.noisier_unclamped) <= 1.f ? gradient * (c[1] * w * c[0]) * c[5] : 0.f;
    });
}

extern "C" __global__ void __launch_bounds__(256) sampler_step(float* x_previous, float* x0, const float* xt, const float* eps, const float* noise,
                                                              const float* coefficients, int N, int64_t per_sample) {
    for_each_element(N, per_sample, [=](int64_t i, int64_t n) {
        const float* c = coefficients + 5 * n;
        const float x = xt[i], clean = clamp_unit(c[0] * x - c[1] * eps[i]);
        x0[i] = clean;
        x_previous[i] = c[2] * clean + c[3] * x + (noise != nullptr ? c[4] * noise[i] : 0.f);
    });
}
