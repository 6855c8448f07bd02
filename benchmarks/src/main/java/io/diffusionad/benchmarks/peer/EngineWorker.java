package io.diffusionad.benchmarks.peer;

import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.OneStepDenoiser;
import io.diffusionad.nn.ParameterStore;
import io.diffusionad.nn.ParameterStore.Slab;
import io.diffusionad.nn.Pass;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.train.Losses;
import io.diffusionad.train.MemoryMode;
import io.diffusionad.train.StepInputs;
import io.diffusionad.train.TrainingSettings;
import io.diffusionad.train.TrainingStep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * This engine as a contestant. Arguments: {@code one-step|training}, device, threads, type of activations, checkpoint,
 * inputs, and perhaps {@link #INT8}.
 */
public final class EngineWorker {
    /** Convolutions in int8 where the device gains from it, by the checkpoint's ranges. */
    public static final String INT8 = "int8";

    private EngineWorker() {}

    public static void main(String[] arguments) throws IOException {
        boolean training = arguments[0].equals("training");
        Worker.serve(() -> {
            PeerInputs inputs = PeerInputs.read(Path.of(arguments[5]));
            Path checkpoint = Path.of(arguments[4]);
            boolean int8 = arguments.length > 6 && arguments[6].equals(INT8);
            DType activations = DType.valueOf(arguments[3]);
            BenchNetworks networks = BenchNetworks.trained(
                    arguments[1], Integer.parseInt(arguments[2]), checkpoint, activations, training);
            if (int8) {
                networks.inInt8(Checkpoint.readCard(checkpoint).int8().ranges());
            }
            return training ? new Training(networks, inputs) : new OneStep(networks, inputs);
        });
    }

    /** From images and noises on the device to score maps. */
    private static final class OneStep implements PeerTask {
        private final BenchNetworks networks;
        private final PeerInputs inputs;
        private final OneStepDenoiser denoiser;
        private final Tensor images;
        private final Tensor noiseSmall;
        private final Tensor noiseBig;

        OneStep(BenchNetworks networks, PeerInputs inputs) {
            this.networks = networks;
            this.inputs = inputs;
            networks.onlyDetect();
            DiffusionSettings diffusion = networks.settings().diffusion();
            denoiser = new OneStepDenoiser(
                    networks.unet(),
                    diffusion.noiseSchedule(),
                    new OneStepDenoiser.Scales(
                            diffusion.smallTimestep(), diffusion.bigTimestep(), (float) diffusion.guidance()));
            Arena arena = networks.workspace().main();
            images = uploaded(networks, arena, inputs, inputs.images());
            noiseSmall = uploaded(networks, arena, inputs, inputs.noiseSmall());
            noiseBig = uploaded(networks, arena, inputs, inputs.noiseBig());
        }

        @Override
        public String description() {
            return "DiffusionAD on " + networks.device().name();
        }

        @Override
        public Map<String, float[]> outputs() {
            try (var scope = networks.workspace().main().scope()) {
                BenchNetworks.Output output = infer();
                return Map.of(
                        "reconstruction",
                        inputs.toNchw(Transfers.toFloats(networks.device(), output.reconstruction())),
                        "score_map",
                        Transfers.toFloats(networks.device(), output.probabilities()));
            }
        }

        @Override
        public void run() {
            try (var scope = networks.workspace().main().scope()) {
                infer();
            }
        }

        private BenchNetworks.Output infer() {
            Pass pass = networks.inference();
            Tensor guided =
                    denoiser.reconstruct(pass, images, noiseSmall, noiseBig).x0Guided();
            Tensor probabilities = networks.segment(pass, images, guided);
            networks.device().synchronize();
            return new BenchNetworks.Output(guided, probabilities);
        }

        @Override
        public void close() {
            networks.close();
        }
    }

    /** One optimisation step of both networks; everything that the backward pass needs is kept, as autograd does. */
    private static final class Training implements PeerTask {
        private final BenchNetworks networks;
        private final Arena arena;
        private final StepInputs inputs;
        private final TrainingStep step;
        private long steps;

        Training(BenchNetworks networks, PeerInputs inputs) {
            this.networks = networks;
            int n = inputs.n();
            TrainingSettings settings = TrainingSettings.DEFAULT
                    .withBatch(n, n)
                    .withMemory(MemoryMode.FAST)
                    .withActivations(networks.activations());
            step = new TrainingStep(
                    networks.unet(),
                    networks.segmentation(),
                    networks.settings().diffusion().noiseSchedule(),
                    networks.workspace(),
                    networks.device().ops(),
                    settings);
            arena = networks.device().newArena("inputs");
            Tensor masks = arena.float32(n, inputs.size(), inputs.size(), 1);
            Transfers.upload(networks.device(), masks, inputs.masks());
            Tensor noise = arena.float32(2 * n, inputs.size(), inputs.size(), 3);
            Transfers.upload(networks.device(), noise.slice(0, n), inputs.toNhwc(inputs.noiseSmall()));
            Transfers.upload(networks.device(), noise.slice(n, 2 * n), inputs.toNhwc(inputs.noiseBig()));
            boolean[] anomalous = new boolean[n];
            for (int i = 0; i < n; i++) {
                anomalous[i] = PeerInputs.anomalous(i);
            }
            this.inputs = new StepInputs(
                    uploaded(networks, arena, inputs, inputs.images()),
                    masks,
                    anomalous,
                    filled(n, PeerInputs.TRAINING_SMALL_TIMESTEP),
                    filled(n, PeerInputs.TRAINING_BIG_TIMESTEP),
                    noise);
        }

        @Override
        public String description() {
            return "DiffusionAD on " + networks.device().name();
        }

        @Override
        public Map<String, float[]> outputs() {
            Losses losses = step.computeGradients(inputs);
            return Map.of(
                    "losses",
                    new float[] {
                        (float) losses.total(),
                        (float) losses.noise(),
                        (float) losses.focal(),
                        (float) losses.smoothL1()
                    },
                    "gradient_norms",
                    new float[] {
                        gradientNorm(networks.unet().parameters()),
                        gradientNorm(networks.segmentation().parameters())
                    });
        }

        @Override
        public void run() {
            step.computeGradients(inputs);
            step.update(steps++);
            networks.device().synchronize();
        }

        @Override
        public void close() {
            arena.close();
            networks.close();
        }

        private static float gradientNorm(ParameterStore store) {
            double sum = 0;
            for (String name : store.trainableNames()) {
                for (float value : store.exportReference(Slab.GRADIENTS, name)) {
                    sum += (double) value * value;
                }
            }
            return (float) Math.sqrt(sum);
        }

        private static long[] filled(int count, long value) {
            long[] values = new long[count];
            Arrays.fill(values, value);
            return values;
        }
    }

    private static Tensor uploaded(BenchNetworks networks, Arena arena, PeerInputs inputs, float[] nchw) {
        Tensor tensor = arena.float32(inputs.n(), inputs.size(), inputs.size(), 3);
        Transfers.upload(networks.device(), tensor, inputs.toNhwc(nchw));
        return tensor;
    }
}
