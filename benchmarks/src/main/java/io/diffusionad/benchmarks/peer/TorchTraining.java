package io.diffusionad.benchmarks.peer;

import io.diffusionad.settings.ModelSettings;
import io.diffusionad.testkit.libtorch.EagerLayers;
import io.diffusionad.testkit.libtorch.TorchParameters;
import io.diffusionad.testkit.libtorch.TorchSegmentation;
import io.diffusionad.testkit.libtorch.TorchTensors;
import io.diffusionad.testkit.libtorch.TorchUNet;
import io.diffusionad.train.TrainingSettings;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * One optimisation step of both networks (SPEC §8) on LibTorch: autograd and its Adam. In bfloat16 the weights of
 * convolutions and linear layers are cast from their float32 masters in every step, as PyTorch's autocast does.
 */
final class TorchTraining implements PeerTask {
    private static final int NO_REDUCTION = 0;
    private static final double FOCAL_WEIGHT = 5;
    private static final double FOCAL_ALPHA = 0.5;
    private static final double FOCAL_GAMMA = 4;

    private final ModelSettings settings;
    private final TorchWeights weights;
    private final boolean bfloat16;
    private final TorchGuidance guidance;
    private final TorchParameters unetMasters;
    private final TorchParameters segmentationMasters;
    private final List<Tensor> unetTrained = new ArrayList<>();
    private final List<Tensor> segmentationTrained = new ArrayList<>();
    private final Adam unetAdam;
    private final Adam segmentationAdam;
    private final Tensor images;
    private final Tensor masks;
    private final Tensor noiseSmall;
    private final Tensor noiseBig;
    /** (N, 1, 1, 1): one over the number of normal samples for these, 0 for anomalous ones. */
    private final Tensor normalWeights;

    private record LossParts(Tensor total, Tensor noise, Tensor focal, Tensor smooth) {}

    TorchTraining(
            ModelSettings settings, TorchWeights weights, PeerInputs inputs, boolean bfloat16, boolean channelsLast)
            throws IOException {
        this.settings = settings;
        this.weights = weights;
        this.bfloat16 = bfloat16;
        this.guidance = new TorchGuidance(
                settings.diffusion().noiseSchedule(),
                PeerInputs.TRAINING_SMALL_TIMESTEP,
                PeerInputs.TRAINING_BIG_TIMESTEP,
                TrainingSettings.DEFAULT.guidance(),
                bfloat16,
                channelsLast);
        unetMasters = weights.take(TorchWeights.UNET, trained(unetTrained));
        segmentationMasters = weights.take(TorchWeights.SEGMENTATION, trained(segmentationTrained));
        unetAdam = new Adam(
                new TensorVector(unetTrained.toArray(Tensor[]::new)),
                new AdamOptions(TrainingSettings.DEFAULT.unetRate()));
        segmentationAdam = new Adam(
                new TensorVector(segmentationTrained.toArray(Tensor[]::new)),
                new AdamOptions(TrainingSettings.DEFAULT.segmentationRate()));
        images = tensor(inputs, inputs.images());
        masks = tensor(inputs, inputs.masks());
        noiseSmall = tensor(inputs, inputs.noiseSmall());
        noiseBig = tensor(inputs, inputs.noiseBig());
        double[] normal = new double[inputs.n()];
        Arrays.setAll(normal, i -> PeerInputs.anomalous(i) ? 0 : 1);
        double count = Arrays.stream(normal).sum();
        Arrays.setAll(normal, i -> normal[i] / count);
        normalWeights = TorchTensors.of(normal, ScalarType.Float, inputs.n(), 1, 1, 1);
    }

    /** Inputs (N, C, H, W) in float32. */
    static Tensor tensor(PeerInputs inputs, float[] values) {
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return TorchTensors.of(
                doubles,
                ScalarType.Float,
                inputs.n(),
                values.length / inputs.n() / inputs.size() / inputs.size(),
                inputs.size(),
                inputs.size());
    }

    /** LibTorch has no version to ask in this binding: the jar's name has it. */
    static String version() {
        String jar = Path.of(Tensor.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .getFileName()
                .toString();
        return "LibTorch " + jar.replaceAll("^pytorch-|\\.jar$", "");
    }

    @Override
    public String description() {
        return version();
    }

    @Override
    public Map<String, float[]> outputs() {
        try (PointerScope scope = new PointerScope()) {
            LossParts losses = computeGradients();
            return Map.of(
                    "losses",
                    new float[] {
                        losses.total.item_float(),
                        losses.noise.item_float(),
                        losses.focal.item_float(),
                        losses.smooth.item_float()
                    },
                    "gradient_norms",
                    new float[] {gradientNorm(unetTrained), gradientNorm(segmentationTrained)});
        }
    }

    @Override
    public void run() {
        try (PointerScope scope = new PointerScope()) {
            computeGradients();
            unetAdam.step();
            segmentationAdam.step();
        }
    }

    private LossParts computeGradients() {
        unetAdam.zero_grad();
        segmentationAdam.zero_grad();
        TorchUNet<Tensor> unet =
                new TorchUNet<>(settings.unet(), new EagerLayers(working(unetMasters, TorchWeights.UNET)));
        TorchSegmentation<Tensor> segmentation =
                new TorchSegmentation<>(new EagerLayers(working(segmentationMasters, TorchWeights.SEGMENTATION)));
        TorchGuidance.Result result = guidance.reconstruct(unet::forward, images, noiseSmall, noiseBig);
        Tensor noise = noiseLoss(result.epsSmall(), noiseSmall).add(noiseLoss(result.epsBig(), noiseBig));
        Tensor pair = guidance.activations(torch.cat(new TensorVector(images, result.x0()), 1));
        Tensor probabilities = segmentation.forward(pair, true).to(ScalarType.Float);
        Tensor crossEntropy = torch.binary_cross_entropy(probabilities, masks, new TensorOptional(), NO_REDUCTION);
        Tensor missed = crossEntropy.neg().exp().neg().add(new Scalar(1.0)).pow(new Scalar(FOCAL_GAMMA));
        Tensor focal = missed.mul(crossEntropy).mean().mul(new Scalar(FOCAL_ALPHA));
        Tensor smooth = torch.smooth_l1_loss(probabilities, masks);
        Tensor total = noise.add(focal, new Scalar(FOCAL_WEIGHT)).add(smooth);
        total.backward();
        return new LossParts(total, noise, focal, smooth);
    }

    private Tensor noiseLoss(Tensor eps, Tensor noise) {
        double values = (double) images.size(1) * images.size(2) * images.size(3);
        return eps.sub(noise).square().mul(normalWeights).sum().mul(new Scalar(1 / values));
    }

    /** The parameters that a step computes with. */
    private TorchParameters working(TorchParameters masters, String network) {
        if (!bfloat16) {
            return masters;
        }
        TorchParameters cast = TorchParameters.empty();
        for (String name : masters.names()) {
            cast.put(
                    name,
                    weights.takesPrecision(network + name)
                            ? masters.get(name).to(ScalarType.BFloat16)
                            : masters.get(name));
        }
        return cast;
    }

    private static BiFunction<String, Tensor, Tensor> trained(List<Tensor> list) {
        return (name, tensor) -> {
            if (name.contains(".running_")) {
                return tensor;
            }
            Tensor leaf = tensor.detach().set_requires_grad(true);
            list.add(leaf);
            return leaf;
        };
    }

    private static float gradientNorm(List<Tensor> parameters) {
        double sum = 0;
        for (Tensor parameter : parameters) {
            double norm = parameter.grad().norm().item_double();
            sum += norm * norm;
        }
        return (float) Math.sqrt(sum);
    }

    @Override
    public void close() {
        // The process ends with its task.
    }
}
