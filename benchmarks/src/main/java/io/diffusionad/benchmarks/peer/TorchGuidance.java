package io.diffusionad.benchmarks.peer;

import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.testkit.libtorch.TorchTensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.Arrays;
import java.util.function.BinaryOperator;

/**
 * Norm-guided one-step reconstruction (SPEC §7) on LibTorch; both noise scales in one batch, as ours. Works with
 * autograd.
 */
final class TorchGuidance {
    private final NoiseSchedule schedule;
    private final int small;
    private final int big;
    private final double weight;
    private final boolean bfloat16;
    private final boolean channelsLast;

    /**
     * @param epsSmall predicted noise (N, 3, H, W) float32
     * @param epsBig predicted noise (N, 3, H, W) float32
     * @param x0 the guided reconstruction (N, 3, H, W) float32
     */
    record Result(Tensor epsSmall, Tensor epsBig, Tensor x0) {}

    TorchGuidance(NoiseSchedule schedule, int small, int big, double weight, boolean bfloat16, boolean channelsLast) {
        this.schedule = schedule;
        this.small = small;
        this.big = big;
        this.weight = weight;
        this.bfloat16 = bfloat16;
        this.channelsLast = channelsLast;
    }

    /** @param unet predicts noise (N, 3, H, W) from noised images (N, 3, H, W) and timesteps (N) */
    Result reconstruct(BinaryOperator<Tensor> unet, Tensor images, Tensor noiseSmall, Tensor noiseBig) {
        long n = images.size(0);
        Tensor xSmall = sum(images, schedule.sqrtAlphaBar(small), noiseSmall, schedule.sqrtOneMinusAlphaBar(small));
        Tensor xBig = sum(images, schedule.sqrtAlphaBar(big), noiseBig, schedule.sqrtOneMinusAlphaBar(big));
        double[] timesteps = new double[(int) (2 * n)];
        Arrays.fill(timesteps, 0, (int) n, small);
        Arrays.fill(timesteps, (int) n, timesteps.length, big);
        Tensor eps = unet.apply(
                        activations(torch.cat(new TensorVector(xSmall, xBig), 0)),
                        TorchTensors.of(timesteps, ScalarType.Float, 2 * n))
                .to(ScalarType.Float);
        Tensor epsSmall = eps.narrow(0, 0, n);
        Tensor epsBig = eps.narrow(0, n, n);
        Tensor x0Big = predicted(xBig, epsBig, big);
        Tensor renoised = sum(x0Big, schedule.sqrtAlphaBar(small), epsSmall, schedule.sqrtOneMinusAlphaBar(small));
        Tensor guided = sum(epsSmall, 1, renoised.sub(xSmall), -schedule.sqrtOneMinusAlphaBar(small) * weight);
        return new Result(epsSmall, epsBig, predicted(xSmall, guided, small));
    }

    /** As the networks read it: in their precision and memory format. */
    Tensor activations(Tensor x) {
        Tensor typed = bfloat16 ? x.to(ScalarType.BFloat16) : x;
        return channelsLast ? typed.contiguous(MemoryFormat.ChannelsLast) : typed.contiguous();
    }

    private Tensor predicted(Tensor xt, Tensor eps, int t) {
        Tensor x0 = sum(xt, schedule.sqrtRecipAlphaBar(t), eps, -schedule.sqrtRecipMinusOneAlphaBar(t));
        return x0.clamp(new ScalarOptional(new Scalar(-1.0)), new ScalarOptional(new Scalar(1.0)));
    }

    /** {@code a·fa + b·fb} */
    private static Tensor sum(Tensor a, double fa, Tensor b, double fb) {
        return a.mul(new Scalar(fa)).add(b, new Scalar(fb));
    }
}
