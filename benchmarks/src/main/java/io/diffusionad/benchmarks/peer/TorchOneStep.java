package io.diffusionad.benchmarks.peer;

import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.testkit.libtorch.EagerLayers;
import io.diffusionad.testkit.libtorch.FrozenModule;
import io.diffusionad.testkit.libtorch.TorchParameters;
import io.diffusionad.testkit.libtorch.TorchSegmentation;
import io.diffusionad.testkit.libtorch.TorchTensors;
import io.diffusionad.testkit.libtorch.TorchUNet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.io.IOException;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** From images and noises to score maps on LibTorch, in inference mode with batch normalisation folded. */
final class TorchOneStep implements PeerTask {
    private final BinaryOperator<Tensor> unet;
    private final UnaryOperator<Tensor> segmentation;
    private final TorchGuidance guidance;
    private final Tensor images;
    private final Tensor noiseSmall;
    private final Tensor noiseBig;

    private record Output(Tensor reconstruction, Tensor scoreMap) {}

    TorchOneStep(
            ModelSettings settings, TorchWeights weights, PeerInputs inputs, boolean bfloat16, TorchVariant variant)
            throws IOException {
        weights.foldBatchNorms();
        BiFunction<String, Tensor, Tensor> typed =
                (name, tensor) -> bfloat16 && weights.takesPrecision(name) ? tensor.to(ScalarType.BFloat16) : tensor;
        TorchParameters unetParameters = weights.take(TorchWeights.UNET, typed);
        TorchParameters segmentationParameters = weights.take(TorchWeights.SEGMENTATION, typed);
        if (variant.isFrozen()) {
            unet = FrozenModule.of(
                            unetParameters,
                            layers -> new TorchUNet<>(settings.unet(), layers).forward("x", "t"),
                            "x",
                            "t")::forward;
            segmentation = FrozenModule.of(
                            segmentationParameters, layers -> new TorchSegmentation<>(layers).forward("x", false), "x")
                    ::forward;
        } else {
            unet = new TorchUNet<>(settings.unet(), new EagerLayers(unetParameters))::forward;
            TorchSegmentation<Tensor> eager = new TorchSegmentation<>(new EagerLayers(segmentationParameters));
            segmentation = x -> eager.forward(x, false);
        }
        DiffusionSettings diffusion = settings.diffusion();
        guidance = new TorchGuidance(
                diffusion.noiseSchedule(),
                diffusion.smallTimestep(),
                diffusion.bigTimestep(),
                diffusion.guidance(),
                bfloat16,
                variant.isChannelsLast());
        images = TorchTraining.tensor(inputs, inputs.images());
        noiseSmall = TorchTraining.tensor(inputs, inputs.noiseSmall());
        noiseBig = TorchTraining.tensor(inputs, inputs.noiseBig());
    }

    @Override
    public String description() {
        return TorchTraining.version();
    }

    @Override
    public Map<String, float[]> outputs() {
        try (InferenceMode inference = new InferenceMode(true);
                PointerScope scope = new PointerScope()) {
            Output output = infer();
            return Map.of("reconstruction", floats(output.reconstruction), "score_map", floats(output.scoreMap));
        }
    }

    @Override
    public void run() {
        try (InferenceMode inference = new InferenceMode(true);
                PointerScope scope = new PointerScope()) {
            infer();
        }
    }

    private Output infer() {
        Tensor x0 = guidance.reconstruct(unet, images, noiseSmall, noiseBig).x0();
        Tensor scores = segmentation.apply(guidance.activations(torch.cat(new TensorVector(images, x0), 1)));
        return new Output(x0, scores.to(ScalarType.Float));
    }

    private static float[] floats(Tensor tensor) {
        double[] doubles = TorchTensors.toDoubles(tensor);
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) doubles[i];
        }
        return floats;
    }

    @Override
    public void close() {
        // The process ends with its task.
    }
}
