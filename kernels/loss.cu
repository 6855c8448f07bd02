// Losses together with their gradients, float32.
//   squared error:      loss[n] = mean((eps - noise)²);  deps (+)= weight[n]·2·(eps - noise) / perSample
//   segmentation loss:  BCE = -(m·log p + (1-m)·log(1-p)), logarithms clamped at -100;  p_t = exp(-BCE);  focal = mean(α·(1-p_t)^γ·BCE)
//                       smooth = mean(|d| < 1 ? d²/2 : |d| - 1/2), d = p - m
//                       dBCE/dp = d / max(p·(1-p), 1e-12);  dfocal/dBCE = α·((1-p_t)^γ + γ·(1-p_t)^(γ-1)·p_t·BCE)
// Saves nothing. Deterministic in two stages: every block sums a fixed set of elements in a fixed order, one thread adds the blocks.
//
//   squared_error_partial       grid (slices, N), block 256: (float* partial (N, slices), deps, eps, noise, weight (N), int64 perSample, int accumulate)
//   squared_error_finish        grid any, block 128:         (loss (N), partial, int N, int slices, int64 perSample)
//   segmentation_loss_partial   grid (slices), block 256:    (float* partial (slices, 2), dpred, pred, mask, float alpha, float gamma,
//                                                             float focalWeight, float smoothWeight, int64 n)
//   segmentation_loss_finish    grid 1, block 32:            (losses (2), partial, int slices, int64 n)
// slices: any from 1 on; about perSample / 4096, at most 256, and the same for the same shape so that results repeat.
#include "common/device.cuh"

extern "C" __global__ void __launch_bounds__(256)
squared_error_partial(float* __restrict__ partial, float* __restrict__ deps, const float* __restrict__ eps, const float* __restrict__ noise,
                      const float* __restrict__ weight, int64_t per_sample, int accumulate) {
    SHARED_ARRAY(float, scratch, [32]);
    const int64_t n = blockIdx.y, start = n * per_sample;
    const float scale = weight[n] * 2.f / float(per_sample);
    float sum = 0.f;
    for (int64_t i = start + global_index(); i < start + per_sample; i += global_stride()) {
        const float difference = eps[i] - noise[i];
        sum += difference * difference;
        deps[i] = (accumulate ? deps[i] : 0.f) + scale * difference;
    }
    sum = block_sum(sum, scratch);
    if (threadIdx.x == 0) {
        partial[n * gridDim.x + blockIdx.x] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(128) squared_error_finish(float* __restrict__ loss, const float* __restrict__ partial, int N, int slices,
                                                                      int64_t per_sample) {
    for (int64_t n = global_index(); n < N; n += global_stride()) {
        float sum = 0.f;
        for (int slice = 0; slice < slices; slice++) {
            sum += partial[n * slices + slice];
        }
        loss[n] = sum / float(per_sample);
    }
}

extern "C" __global__ void __launch_bounds__(256)
segmentation_loss_partial(float* __restrict__ partial, float* __restrict__ dpred, const float* __restrict__ pred, const float* __restrict__ mask,
                          float alpha, float gamma, float focal_weight, float smooth_weight, int64_t n) {
    SHARED_ARRAY(float, scratch, [32]);
    float focal = 0.f, smooth = 0.f;
    for (int64_t i = global_index(); i < n; i += global_stride()) {
        const float p = pred[i], m = mask[i], d = p - m;
        const float bce = -(m * fmaxf(logf(p), -100.f) + (1.f - m) * fmaxf(logf(1.f - p), -100.f));
        const float pt = expf(-bce), miss = -expm1f(-bce); // 1 - p_t without cancellation where the prediction is good
        const float power = powf(miss, gamma);
        focal += alpha * power * bce;
        smooth += fabsf(d) < 1.f ? 0.5f * d * d : fabsf(d) - 0.5f;
        const float dbce = d / fmaxf(p * (1.f - p), 1e-12f);
        const float dfocal = alpha * (power + gamma * powf(miss, gamma - 1.f) * pt * bce) * dbce;
        const float dsmooth = d < -1.f ? -1.f : d > 1.f ? 1.f : d;
        dpred[i] = (focal_weight * dfocal + smooth_weight * dsmooth) / float(n);
    }
    focal = block_sum(focal, scratch);
    smooth = block_sum(smooth, scratch);
    if (threadIdx.x == 0) {
        partial[2 * blockIdx.x] = focal;
        partial[2 * blockIdx.x + 1] = smooth;
    }
}

extern "C" __global__ void __launch_bounds__(32) segmentation_loss_finish(float* __restrict__ losses, const float* __restrict__ partial, int slices,
                                                                         int64_t n) {
    if (threadIdx.x < 2) {
        float sum = 0.f;
        for (int slice = 0; slice < slices; slice++) {
            sum += partial[2 * slice + threadIdx.x];
        }
        losses[threadIdx.x] = sum / float(n);
    }
}
