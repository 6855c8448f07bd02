package io.diffusionad.benchmarks;

import io.diffusionad.device.Transfers;
import io.diffusionad.diffusion.NoiseSchedule;
import io.diffusionad.random.Purpose;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.train.Losses;
import io.diffusionad.train.MemoryMode;
import io.diffusionad.train.StepInputs;
import io.diffusionad.train.TrainingSettings;
import io.diffusionad.train.TrainingStep;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** One optimisation step of both networks: gradients of a whole batch and Adam. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 3)
@Measurement(iterations = 3, time = 5)
@Fork(1)
public class TrainStepBenchmark {
    private static final int SMALL_TIMESTEP = 150;
    private static final int BIG_TIMESTEP = 600;

    @Param("64")
    public int imageSize;

    @Param("32")
    public int baseChannels;

    @Param("16")
    public int segmentationChannels;

    @Param("8")
    public int batch;

    @Param("8")
    public int microBatch;

    @Param({"LEAN", "FAST"})
    public MemoryMode memory;

    @Param({"FLOAT32", "BFLOAT16"})
    public DType precision;

    @Param("cpu")
    public String device;

    @Param("0")
    public int threads;

    private BenchNetworks networks;
    private Arena inputsArena;
    private TrainingStep step;
    private StepInputs inputs;
    private long steps;

    @Setup(Level.Trial)
    public void open() {
        networks = BenchNetworks.untrained(
                device,
                threads,
                ModelSettings.of(imageSize, baseChannels, segmentationChannels, null),
                precision,
                true);
        TrainingSettings settings = TrainingSettings.DEFAULT
                .withBatch(batch, microBatch)
                .withMemory(memory)
                .withActivations(precision);
        step = new TrainingStep(
                networks.unet(),
                networks.segmentation(),
                NoiseSchedule.linear(1000),
                networks.workspace(),
                networks.device().ops(),
                settings);
        inputsArena = networks.device().newArena("inputs");
        inputs = inputs();
        steps = 0;
    }

    private StepInputs inputs() {
        Tensor masks = inputsArena.float32(batch, imageSize, imageSize, 1);
        networks.device().ops().fill(masks, 0f);
        Tensor noise = inputsArena.float32(2 * batch, imageSize, imageSize, 3);
        Tensor samples = inputsArena.tensor(DType.INT64, 2 * batch);
        Transfers.upload(networks.device(), samples, new long[2 * batch]);
        networks.device().ops().gaussianNoise(noise, samples, BenchNetworks.SEED, Purpose.NOISE_SMALL.code());
        boolean[] anomalous = new boolean[batch];
        for (int i = 0; i < batch; i += 2) {
            anomalous[i] = true;
        }
        long[] small = new long[batch];
        Arrays.fill(small, SMALL_TIMESTEP);
        long[] big = new long[batch];
        Arrays.fill(big, BIG_TIMESTEP);
        return new StepInputs(networks.images(batch), masks, anomalous, small, big, noise);
    }

    @Benchmark
    public Losses step() {
        Losses losses = step.computeGradients(inputs);
        step.update(steps++);
        networks.device().synchronize();
        return losses;
    }

    @TearDown(Level.Trial)
    public void close() {
        inputsArena.close();
        networks.close();
    }
}
