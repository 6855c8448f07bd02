package io.diffusionad.benchmarks;

import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
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

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Time from an image on the device to its score map, one-step against iterative denoising: the latency axis of the
 * speed/quality curve. Latency percentiles come from sampling every call.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 2)
@Measurement(iterations = 3, time = 3)
@Fork(1)
public class OneStepVsIterative {
    @Param({
        "single-scale",
        "norm-guided",
        "ddim-2",
        "ddim-5",
        "ddim-10",
        "ddim-25",
        "ddim-50",
        "ancestral-200",
        "ancestral-400"
    })
    public String method;

    /**
     * A checkpoint whose networks and noise scales are used; empty for untrained networks of the sizes below, which are
     * as fast.
     */
    @Param("")
    public String checkpoint;

    @Param("64")
    public int imageSize;

    @Param("32")
    public int baseChannels;

    @Param("16")
    public int segmentationChannels;

    @Param({"FLOAT32", "BFLOAT16"})
    public DType precision;

    @Param("1")
    public int batch;

    @Param("cpu")
    public String device;

    @Param("0")
    public int threads;

    private BenchNetworks networks;
    private ReconstructionMethod reconstruction;
    private Tensor images;

    @Setup(Level.Trial)
    public void open() throws IOException {
        networks = checkpoint.isEmpty()
                ? BenchNetworks.untrained(
                        device,
                        threads,
                        ModelSettings.of(imageSize, baseChannels, segmentationChannels, null),
                        precision,
                        false)
                : BenchNetworks.trained(device, threads, Path.of(checkpoint), precision, false);
        reconstruction = ReconstructionMethod.named(method, networks.settings().diffusion());
        images = networks.images(batch);
    }

    @Benchmark
    public Tensor scoreMaps() {
        try (var scope = networks.workspace().main().scope()) {
            return networks.run(reconstruction, images, DetectionPipeline.DEFAULT_SEED)
                    .probabilities();
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        networks.close();
    }
}
