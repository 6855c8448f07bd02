package io.diffusionad.libtorch;

import io.diffusionad.ops.Activation;
import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.ElementwiseOps.AdamSettings;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.ops.Ops;
import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import io.diffusionad.testkit.Values;
import io.diffusionad.testkit.libtorch.TorchTensors;
import io.diffusionad.testkit.reference.ReferenceDevice;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static io.diffusionad.libtorch.LibTorchNetworksTest.assertNear;

/** The reference operations, forward and backward, against LibTorch's functions and autograd in float64. */
class LibTorchLayersTest {
    private static final double EXACT = 1e-10;
    private static final float EPS = 1e-5f;

    private final ReferenceDevice device = ReferenceDevice.exact();
    private final Ops ops = device.ops();
    private final Arena arena = device.newArena("test");
    private final PointerScope scope = new PointerScope();
    private int operands;

    @AfterEach
    void free() {
        scope.close();
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 1", "3, 2", "1, 2"})
    void convolution(int kernel, int stride) {
        Conv2d geometry = Conv2d.of(kernel, stride);
        Tensor x = random(2, 5, 7, 3);
        Tensor w = random(4, kernel, kernel, 3);
        Tensor bias = random(4);
        Tensor y = arena.float32(2, geometry.outputSize(5), geometry.outputSize(7), 4);
        Tensor dy = random(y.dims());
        ops.conv2dForward(y, x, new Weight("w", w), Epilogue.bias(bias), geometry);
        Tensor dx = zeros(x.dims());
        Tensor dw = zeros(w.dims());
        Tensor dbias = zeros(4);
        ops.conv2dBackwardData(dx, dy, new Weight("w", w), geometry, false);
        ops.conv2dBackwardWeights(dw, dbias, dy, x, geometry);

        var tx = image(x, true);
        var tw = image(w, true);
        var tbias = flat(bias, true);
        long pad = geometry.padding();
        var ty = torch.conv2d(
                tx,
                tw,
                new TensorOptional(tbias),
                new long[] {stride, stride},
                new long[] {pad, pad},
                new long[] {1, 1},
                1);
        compareImages(ty, y, dy, tx, dx);
        assertNear("dw", EXACT, TorchTensors.toNhwc(tw.grad()), device.read(dw));
        assertNear("dbias", EXACT, TorchTensors.toDoubles(tbias.grad()), device.read(dbias));
    }

    @ParameterizedTest
    @EnumSource
    void groupNormSiluResample(Resample resample) {
        Tensor x = random(2, 4, 6, 12);
        Tensor gamma = random(12);
        Tensor beta = random(12);
        Tensor y = arena.float32(2, resample.apply(4), resample.apply(6), 12);
        Tensor dy = random(y.dims());
        Tensor mean = arena.float32(2, 4);
        Tensor rstd = arena.float32(2, 4);
        ops.groupNormForward(y, mean, rstd, x, null, gamma, beta, 4, EPS, Activation.SILU, resample);
        Tensor dx = zeros(x.dims());
        Tensor dgamma = zeros(12);
        Tensor dbeta = zeros(12);
        ops.groupNormBackward(
                dx, null, dgamma, dbeta, dy, x, null, mean, rstd, gamma, beta, 4, Activation.SILU, resample, false);

        var tx = image(x, true);
        var tgamma = flat(gamma, true);
        var tbeta = flat(beta, true);
        var normalised =
                torch.silu(torch.group_norm(tx, 4, new TensorOptional(tgamma), new TensorOptional(tbeta), EPS, false));
        var ty =
                switch (resample) {
                    case NONE -> normalised;
                    case UP -> torch.upsample_nearest2d(normalised, 8, 12);
                    case DOWN ->
                        torch.avg_pool2d(
                                normalised,
                                new long[] {2, 2},
                                new long[] {2, 2},
                                new long[] {0, 0},
                                false,
                                true,
                                new LongOptional());
                };
        compareImages(ty, y, dy, tx, dx);
        assertNear("dgamma", EXACT, TorchTensors.toDoubles(tgamma.grad()), device.read(dgamma));
        assertNear("dbeta", EXACT, TorchTensors.toDoubles(tbeta.grad()), device.read(dbeta));
    }

    @Test
    void batchNormRelu() {
        Tensor x = random(3, 4, 5, 6);
        Tensor gamma = random(6);
        Tensor beta = random(6);
        Tensor runningMean = random(6);
        Tensor runningVar = filled(Values.uniform(0.5, 2), 6);
        var tmean = flat(runningMean, false);
        var tvar = flat(runningVar, false);
        Tensor inference = arena.float32(x.dims());
        ops.batchNormForwardInference(inference, x, gamma, beta, runningMean, runningVar, EPS, Activation.RELU);
        var tinference = torch.relu(torch.batch_norm(
                image(x, false),
                optional(gamma),
                optional(beta),
                new TensorOptional(tmean),
                new TensorOptional(tvar),
                false,
                0.1f,
                EPS,
                false));
        assertNear("inference", EXACT, TorchTensors.toNhwc(tinference), device.read(inference));

        Tensor y = arena.float32(x.dims());
        Tensor dy = random(x.dims());
        Tensor mean = arena.float32(6);
        Tensor rstd = arena.float32(6);
        Tensor dx = arena.float32(x.dims());
        Tensor dgamma = zeros(6);
        Tensor dbeta = zeros(6);
        ops.batchNormForwardTraining(
                y, mean, rstd, runningMean, runningVar, x, gamma, beta, 0.1f, EPS, Activation.RELU);
        ops.batchNormBackward(dx, dgamma, dbeta, dy, x, mean, rstd, gamma, beta, Activation.RELU);
        var tx = image(x, true);
        var tgamma = flat(gamma, true);
        var tbeta = flat(beta, true);
        var ty = torch.relu(torch.batch_norm(
                tx,
                new TensorOptional(tgamma),
                new TensorOptional(tbeta),
                new TensorOptional(tmean),
                new TensorOptional(tvar),
                true,
                0.1f,
                EPS,
                false));
        compareImages(ty, y, dy, tx, dx);
        assertNear("dgamma", EXACT, TorchTensors.toDoubles(tgamma.grad()), device.read(dgamma));
        assertNear("dbeta", EXACT, TorchTensors.toDoubles(tbeta.grad()), device.read(dbeta));
        assertNear("running mean", EXACT, TorchTensors.toDoubles(tmean), device.read(runningMean));
        assertNear("running variance", EXACT, TorchTensors.toDoubles(tvar), device.read(runningVar));
    }

    @Test
    void attention() {
        int heads = 2;
        int d = 6;
        Tensor qkv = random(3, 7, 3 * heads * d);
        Tensor y = arena.float32(3, 7, heads * d);
        Tensor dy = random(y.dims());
        Tensor logSumExp = arena.float32(3, heads, 7);
        Tensor dqkv = arena.float32(qkv.dims());
        ops.attentionForward(y, logSumExp, qkv, heads);
        ops.attentionBackward(dqkv, dy, y, qkv, logSumExp, heads);

        var tqkv = flat(qkv, true);
        TensorVector parts =
                tqkv.reshape(3, 7, heads, 3 * d).permute(0, 2, 1, 3).chunk(3, 3); // (N, heads, T, d) each
        var ty = torch.scaled_dot_product_attention(parts.get(0), parts.get(1), parts.get(2))
                .permute(0, 2, 1, 3)
                .reshape(3, 7, heads * d);
        var scores = torch.matmul(parts.get(0), parts.get(1).transpose(2, 3)).mul(new Scalar(1 / Math.sqrt(d)));
        assertNear("y", EXACT, TorchTensors.toDoubles(ty), device.read(y));
        assertNear("logSumExp", EXACT, TorchTensors.toDoubles(torch.logsumexp(scores, -1)), device.read(logSumExp));
        ty.mul(flat(dy, false)).sum().backward();
        assertNear("dqkv", EXACT, TorchTensors.toDoubles(tqkv.grad()), device.read(dqkv));
    }

    @Test
    void maxPool() {
        Tensor x = random(2, 4, 6, 5);
        Tensor y = arena.float32(2, 2, 3, 5);
        Tensor argmax = arena.tensor(DType.UINT8, y.dims());
        Tensor dy = random(y.dims());
        Tensor dx = arena.float32(x.dims());
        ops.maxPool2Forward(y, argmax, x);
        ops.maxPool2Backward(dx, dy, argmax, false);
        var tx = image(x, true);
        compareImages(torch.max_pool2d(tx, 2, 2), y, dy, tx, dx);
    }

    @Test
    void bilinearWithAlignedCorners() {
        Tensor x = random(2, 3, 5, 4);
        Tensor y = arena.float32(2, 6, 10, 4);
        Tensor dy = random(y.dims());
        Tensor dx = arena.float32(x.dims());
        ops.bilinearUp2Forward(y, x);
        ops.bilinearUp2Backward(dx, dy);
        var tx = image(x, true);
        compareImages(
                torch.upsample_bilinear2d(tx, new long[] {6, 10}, true, new DoubleOptional(), new DoubleOptional()),
                y,
                dy,
                tx,
                dx);
    }

    @Test
    void linear() {
        Tensor x = random(3, 5);
        Tensor w = random(4, 5);
        Tensor bias = random(4);
        Tensor y = arena.float32(3, 4);
        Tensor dy = random(3, 4);
        Tensor dx = arena.float32(3, 5);
        Tensor dw = zeros(4, 5);
        Tensor dbias = zeros(4);
        ops.linearForward(y, x, new Weight("w", w), bias);
        ops.linearBackwardData(dx, dy, new Weight("w", w), false);
        ops.linearBackwardWeights(dw, dbias, dy, x);
        var tx = flat(x, true);
        var tw = flat(w, true);
        var tbias = flat(bias, true);
        var ty = torch.linear(tx, tw, new TensorOptional(tbias));
        assertNear("y", EXACT, TorchTensors.toDoubles(ty), device.read(y));
        ty.mul(flat(dy, false)).sum().backward();
        assertNear("dx", EXACT, TorchTensors.toDoubles(tx.grad()), device.read(dx));
        assertNear("dw", EXACT, TorchTensors.toDoubles(tw.grad()), device.read(dw));
        assertNear("dbias", EXACT, TorchTensors.toDoubles(tbias.grad()), device.read(dbias));
    }

    @Test
    void segmentationLoss() {
        SegmentationLoss settings = SegmentationLoss.DEFAULT;
        Tensor pred = filled(Values.uniform(0.01, 0.99), 2, 5, 4, 1);
        Tensor mask = filled(Values.oneOf(0, 1, 0.4), 2, 5, 4, 1);
        Tensor losses = arena.float32(2);
        Tensor dpred = arena.float32(pred.dims());
        ops.segmentationLossForwardBackward(losses, dpred, pred, mask, settings);

        var p = flat(pred, true);
        var m = flat(mask, false);
        var bce = torch.binary_cross_entropy(p, m, new TensorOptional(), 0);
        var miss = torch.exp(bce.neg()).neg().add(new Scalar(1.0));
        var focal = miss.pow(new Scalar((double) settings.gamma()))
                .mul(bce)
                .mul(new Scalar((double) settings.alpha()))
                .mean();
        var smooth = torch.smooth_l1_loss(p, m, 1, 1);
        assertNear("losses", EXACT, new double[] {focal.item_double(), smooth.item_double()}, device.read(losses));
        focal.mul(new Scalar((double) settings.focalWeight()))
                .add(smooth.mul(new Scalar((double) settings.smoothWeight())))
                .backward();
        assertNear("dpred", EXACT, TorchTensors.toDoubles(p.grad()), device.read(dpred));
    }

    @Test
    void normGuidance() {
        int[] shape = {2, 3, 4, 3};
        float w = 1.5f;
        Tensor xs = random(shape);
        Tensor xb = random(shape);
        Tensor es = random(shape);
        Tensor eb = random(shape);
        Tensor coefficients = filled(Values.uniform(0.3, 1.2), 2, 6);
        Tensor guided = arena.float32(shape);
        Tensor dguided = random(shape);
        Tensor des = arena.float32(shape);
        Tensor deb = arena.float32(shape);
        ops.normGuidanceForward(guided, null, null, xs, xb, es, eb, coefficients, w);
        ops.normGuidanceBackward(des, deb, dguided, xs, xb, es, eb, coefficients, w);

        var c = new org.bytedeco.pytorch.Tensor[6];
        for (int i = 0; i < 6; i++) {
            c[i] = flat(coefficients, false).select(1, i).reshape(2, 1, 1, 1);
        }
        var tes = flat(es, true);
        var teb = flat(eb, true);
        var noisier = clamped(c[4].mul(flat(xb, false)).sub(c[5].mul(teb)));
        var renoised = c[0].mul(noisier).add(c[1].mul(tes));
        var epsilon = tes.sub(c[1].mul(new Scalar((double) w)).mul(renoised.sub(flat(xs, false))));
        var tguided = clamped(c[2].mul(flat(xs, false)).sub(c[3].mul(epsilon)));
        assertNear("x0Guided", EXACT, TorchTensors.toDoubles(tguided), device.read(guided));
        tguided.mul(flat(dguided, false)).sum().backward();
        assertNear("depsSmall", EXACT, TorchTensors.toDoubles(tes.grad()), device.read(des));
        assertNear("depsBig", EXACT, TorchTensors.toDoubles(teb.grad()), device.read(deb));
    }

    @Test
    void adam() {
        AdamSettings settings = new AdamSettings(0.9f, 0.999f, 1e-6f, 0.01f);
        Tensor p = random(17);
        Tensor m = zeros(17);
        Tensor v = zeros(17);
        var tp = flat(p, true);
        AdamOptions options = new AdamOptions(0.003f);
        options.eps().put((double) settings.eps());
        options.weight_decay().put((double) settings.weightDecay());
        Adam optimizer = new Adam(new TensorVector(tp), options);
        for (int step = 1; step <= 3; step++) {
            Tensor g = random(17);
            ops.adamStep(p, m, v, g, settings, 0.003f, step);
            tp.mutable_grad().put(flat(g, false));
            optimizer.step();
        }
        // The seam's settings are float32: 0.9f is 2.4e-8 off LibTorch's 0.9.
        assertNear("p", 1e-8, TorchTensors.toDoubles(tp), device.read(p));
    }

    private void compareImages(
            org.bytedeco.pytorch.Tensor ty, Tensor y, Tensor dy, org.bytedeco.pytorch.Tensor tx, Tensor dx) {
        assertNear("y", EXACT, TorchTensors.toNhwc(ty), device.read(y));
        ty.mul(image(dy, false)).sum().backward();
        assertNear("dx", EXACT, TorchTensors.toNhwc(tx.grad()), device.read(dx));
    }

    private static org.bytedeco.pytorch.Tensor clamped(org.bytedeco.pytorch.Tensor x) {
        return torch.clamp(x, new ScalarOptional(new Scalar(-1.0)), new ScalarOptional(new Scalar(1.0)));
    }

    private Tensor random(int... dims) {
        return filled(Values.normal(1), dims);
    }

    private Tensor zeros(int... dims) {
        return filled(Values.constant(0), dims);
    }

    private Tensor filled(Values values, int... dims) {
        Tensor tensor = arena.float32(dims);
        device.write(tensor, values.fill((int) tensor.elements(), 5, operands++));
        return tensor;
    }

    /** (N, H, W, C) as (N, C, H, W); a weight (K, R, S, C) as (K, C, R, S). */
    private org.bytedeco.pytorch.Tensor image(Tensor tensor, boolean differentiated) {
        return TorchTensors.ofNhwc(device.read(tensor), ScalarType.Double, tensor.dims())
                .detach()
                .set_requires_grad(differentiated);
    }

    private org.bytedeco.pytorch.Tensor flat(Tensor tensor, boolean differentiated) {
        long[] shape = java.util.Arrays.stream(tensor.dims()).asLongStream().toArray();
        return TorchTensors.of(device.read(tensor), ScalarType.Double, shape)
                .detach()
                .set_requires_grad(differentiated);
    }

    private TensorOptional optional(Tensor tensor) {
        return new TensorOptional(flat(tensor, false));
    }
}
