package io.diffusionad.benchmarks;

import io.diffusionad.data.TrainingImages;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.data.synthesis.AnomalySynthesizer;
import io.diffusionad.data.synthesis.Foreground;
import io.diffusionad.data.synthesis.ProceduralTextures;
import io.diffusionad.image.RgbImage;
import io.diffusionad.random.Purpose;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Training samples a second that one prefetching thread makes: the trainer needs fewer than this, or it waits. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SynthesisBenchmark {
    @Param({"128", "256"})
    public int size;

    private AnomalySynthesizer synthesizer;
    private long index;

    @Setup
    public void setUp() {
        ProceduralTextures normals = new ProceduralTextures(size, size, 7);
        List<RgbImage> images = IntStream.range(0, 32).mapToObj(normals::get).toList();
        synthesizer = new AnomalySynthesizer(
                new TrainingImages(size, size, images),
                Foreground.FULL,
                new ProceduralTextures(size, size, 1),
                true,
                1,
                Purpose.SYNTHESIS);
    }

    @Benchmark
    public TrainingSample sample() {
        return synthesizer.sample(index++);
    }
}
