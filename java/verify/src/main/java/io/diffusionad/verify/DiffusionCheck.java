package io.diffusionad.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.IterativeSampler;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.diffusion.OneStepDenoiser;
import io.diffusionad.diffusion.Reconstruction;
import io.diffusionad.diffusion.VariationalBound;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.nn.Pass;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.Layouts;
import io.diffusionad.tensor.Tensor;

import java.io.IOException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Diffusion around the network of another file ("the network of unet.safetensors"): norm-guided one-step reconstruction
 * at several weights with every picture on the way, a chain of ancestral steps, and terms of the variational bound.
 * {@link ObjectiveCheck} has the training objective.
 */
final class DiffusionCheck implements Check {
    private static final Pattern EVALUATION = Pattern.compile("eval\\.w(\\d+(?:\\.\\d+)?)\\.x0_guided");
    private static final Pattern CHAIN = Pattern.compile("iterative(\\d{1,4})\\.result");
    private static final Pattern FILE_NAME = Pattern.compile("\\S+\\.safetensors");
    /** float32 operations behind one value of a noised image. */
    private static final int NOISING_OPERATIONS = 8;

    @Override
    public boolean accepts(GoldenFile file) {
        return file.has("x0") && file.hasMetadata("unet") && file.hasMetadata("schedule");
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        try (Arena arena = replay.device().newArena("verify " + file.name());
                Workspace workspace = new Workspace(replay.device(), "verify passes")) {
            UNet unet = network(file, replay, arena, false);
            NoiseSchedule schedule =
                    ScheduleCheck.schedule(file, file.contents().metadata().get("schedule"));
            double network =
                    RoundingModel.of(replay.precision(), unet.parameters()).forward();
            for (String name : file.names()) {
                Pass pass = Pass.inference(replay.device().ops(), workspace, replay.precision());
                Matcher evaluation = EVALUATION.matcher(name);
                Matcher chain = CHAIN.matcher(name);
                if (evaluation.matches()) {
                    evaluate(file, replay, pass, unet, schedule, evaluation.group(1), network);
                } else if (chain.matches()) {
                    iterate(file, replay, pass, unet, schedule, Integer.parseInt(chain.group(1)), network);
                } else if (name.equals("vlb.bits_per_dim")) {
                    bound(file, replay, pass, unet, schedule, network);
                }
                workspace.main().release(0);
            }
        }
    }

    /** The network that the metadata name, with its weights. */
    static UNet network(GoldenFile file, Replay replay, Arena arena, boolean trainable) throws IOException {
        String text = file.contents().metadata().get("unet");
        Matcher name = FILE_NAME.matcher(text);
        GoldenFile owner = file;
        JsonNode config;
        if (name.find()) {
            if (!replay.folder().has(name.group())) {
                throw file.invalid("it uses the network of " + name.group() + ", which is not in the folder");
            }
            owner = replay.folder().read(name.group());
            config = owner.json("config");
        } else {
            config = file.json("unet");
        }
        UNet unet = new UNet(NetworkConfigs.unet(owner, config), replay.device(), arena, trainable);
        GoldenWeights.fill(unet.parameters(), NetworkConfigs.salt(config));
        return unet;
    }

    private static void evaluate(
            GoldenFile file, Replay replay, Pass pass, UNet unet, NoiseSchedule schedule, String weight, double network)
            throws IOException {
        String prefix = "eval.w" + weight + ".";
        int small = (int) file.number("eval_normal_t", OneStepDenoiser.Scales.DEFAULT.small());
        int big = (int) file.number("eval_noisier_t", OneStepDenoiser.Scales.DEFAULT.big());
        float w = Float.parseFloat(weight);
        if (small < 0 || small >= schedule.timesteps() || big < 0 || big >= schedule.timesteps()) {
            throw file.invalid("its timesteps " + small + " and " + big + " are not within its schedule");
        }
        HostTensor noiseSmall = file.image(prefix + "noise_normal");
        HostTensor noiseBig = file.image(prefix + "noise_noisier");
        Reconstruction result = new OneStepDenoiser(unet, schedule, new OneStepDenoiser.Scales(small, big, w))
                .reconstruct(
                        pass,
                        replay.upload(pass.arena(), file.image("x0")),
                        replay.upload(pass.arena(), noiseSmall),
                        replay.upload(pass.arena(), noiseBig));
        double noising = RoundingModel.float32Sum(NOISING_OPERATIONS).forward();
        image(file, replay, prefix + "xt_normal", result.xtSmall(), noising);
        image(file, replay, prefix + "xt_noisier", result.xtBig(), noising);
        // How an error of the predicted noise arrives in each picture, by the formulas themselves; norms of absolute
        // errors add up.
        double epsSmall = network * Errors.l2(replay.download(result.epsSmall()));
        double epsBig = network * Errors.l2(replay.download(result.epsBig()));
        double x0Big = schedule.sqrtRecipMinusOneAlphaBar(big) * epsBig;
        double renoised = schedule.sqrtAlphaBar(small) * x0Big + schedule.sqrtOneMinusAlphaBar(small) * epsSmall;
        double guided = schedule.sqrtRecipMinusOneAlphaBar(small)
                * (epsSmall + schedule.sqrtOneMinusAlphaBar(small) * w * renoised);
        absolute(
                file,
                replay,
                prefix + "x0_normal",
                result.x0Small(),
                schedule.sqrtRecipMinusOneAlphaBar(small) * epsSmall);
        absolute(file, replay, prefix + "x0_noisier", result.x0Big(), x0Big);
        absolute(file, replay, prefix + "xt_from_noisier", result.xtRenoised(), renoised);
        absolute(file, replay, prefix + "x0_guided", result.x0Guided(), guided);
        if (file.has(prefix + "loss")) {
            double lossSmall = meanSquare(replay.download(result.epsSmall()), noiseSmall.toFloats());
            double lossBig = meanSquare(replay.download(result.epsBig()), noiseBig.toFloats());
            // d(mean r²) <= 2·rms(r)·rms(dr)
            double elements = noiseSmall.elements();
            double change = 2 * (Math.sqrt(lossSmall / elements) * epsSmall + Math.sqrt(lossBig / elements) * epsBig);
            double expected = file.scalar(prefix + "loss");
            replay.add(
                    file,
                    prefix + "loss",
                    Errors.relative(lossSmall + lossBig, expected),
                    change / expected + RoundingModel.float32Sum(elements).forward());
        }
    }

    private static void iterate(
            GoldenFile file, Replay replay, Pass pass, UNet unet, NoiseSchedule schedule, int steps, double network)
            throws IOException {
        String prefix = "iterative" + steps + ".";
        HostTensor x0 = file.image("x0");
        HostTensor noises = file.tensor(prefix + "noise");
        float[] all = noises.toFloats();
        int size = x0.elements();
        if (all.length != size * (steps + 1)) {
            throw file.invalid(prefix + "noise is " + noises + " instead of " + (steps + 1) + " draws like x0");
        }
        int[] s = x0.shape();
        Tensor result = new IterativeSampler(unet, schedule)
                .ancestral(
                        pass,
                        replay.upload(pass.arena(), x0),
                        steps,
                        (p, noise, draw) -> Transfers.upload(
                                replay.device(),
                                noise,
                                Layouts.toNhwc(
                                        Arrays.copyOfRange(all, draw * size, (draw + 1) * size),
                                        s[0],
                                        s[1],
                                        s[2],
                                        s[3])));
        // Each step passes on the error so far and adds that of its own x̂0; predicted noise has a norm of about
        // √elements.
        double error = 0;
        for (int t = steps - 1; t >= 0; t--) {
            double ofX0 = schedule.posteriorMeanOfX0(t);
            error = (ofX0 * schedule.sqrtRecipAlphaBar(t) + schedule.posteriorMeanOfXt(t)) * error
                    + ofX0 * schedule.sqrtRecipMinusOneAlphaBar(t) * network * Math.sqrt(size);
        }
        absolute(file, replay, prefix + "result", result, error);
    }

    private static void bound(
            GoldenFile file, Replay replay, Pass pass, UNet unet, NoiseSchedule schedule, double network)
            throws IOException {
        long[] t = file.longs("vlb.t");
        HostTensor image = file.image("x0");
        VariationalBound.Terms terms = new VariationalBound(unet, schedule)
                .terms(
                        pass,
                        replay.upload(pass.arena(), image),
                        replay.upload(pass.arena(), file.image("vlb.noise")),
                        t);
        int[] s = image.shape();
        float[] x0 = Layouts.toNchw(terms.x0(), s[0], s[1], s[2], s[3]);
        float[] expected = file.floats("vlb.pred_x0");
        int size = image.elements() / s[0];
        double[] bits = file.doubles("vlb.bits_per_dim");
        if (bits.length != t.length || t.length != s[0] || expected.length != x0.length) {
            throw file.invalid("the tensors of the variational bound have different numbers of samples");
        }
        for (int n = 0; n < t.length; n++) {
            double error = schedule.sqrtRecipMinusOneAlphaBar(t[n]) * network * Math.sqrt(size);
            float[] one = Arrays.copyOfRange(expected, n * size, (n + 1) * size);
            replay.add(
                    file,
                    "vlb.pred_x0 at t = " + t[n],
                    Errors.relativeL2(Arrays.copyOfRange(x0, n * size, (n + 1) * size), one),
                    error / Errors.l2(one)
                            + RoundingModel.float32Sum(NOISING_OPERATIONS).forward());
            // Half a squared distance of means over the variance, per dimension in bits: its error is the distance,
            // about the predicted noise's, times the means'.
            double meanError = schedule.posteriorMeanOfX0(t[n]) * error / Math.sqrt(size);
            double meanDistance = schedule.posteriorMeanOfX0(t[n]) * schedule.sqrtRecipMinusOneAlphaBar(t[n]) * 2;
            double change = meanDistance * meanError / schedule.ancestralVariance(t[n]) / Math.log(2);
            replay.add(
                    file,
                    "vlb.bits_per_dim at t = " + t[n],
                    Errors.relative(terms.bitsPerDimension()[n], bits[n]),
                    change / bits[n] + RoundingModel.float32Sum(size).forward());
        }
    }

    private static void image(GoldenFile file, Replay replay, String name, Tensor actual, double bound)
            throws InvalidFileException {
        if (file.has(name)) {
            replay.addTensor(file, name, actual, file.image(name), bound);
        }
    }

    /** @param error bound of the absolute L2 error */
    private static void absolute(GoldenFile file, Replay replay, String name, Tensor actual, double error)
            throws InvalidFileException {
        if (file.has(name)) {
            image(
                    file,
                    replay,
                    name,
                    actual,
                    error / Errors.l2(file.floats(name))
                            + RoundingModel.float32Sum(NOISING_OPERATIONS).forward());
        }
    }

    private static double meanSquare(float[] a, float[] b) {
        double norm = Errors.l2Difference(a, b);
        return norm * norm / a.length;
    }
}
