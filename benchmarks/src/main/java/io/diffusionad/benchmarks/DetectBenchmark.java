package io.diffusionad.benchmarks;

import io.diffusionad.AnomalyDetector;
import io.diffusionad.Detection;
import io.diffusionad.DetectorOptions;
import io.diffusionad.image.Images;
import io.diffusionad.image.RgbImage;
import io.diffusionad.settings.Precision;
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
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Image files in, decisions out: reading, resizing, both networks, score and threshold, as a program that embeds the
 * engine does it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1, time = 2)
@Measurement(iterations = 3, time = 3)
@Fork(1)
public class DetectBenchmark {
    @Param("")
    public String checkpoint;

    @Param("")
    public String image;

    @Param({"FLOAT32", "BF16"})
    public Precision precision;

    @Param({"1", "4", "16"})
    public int batch;

    @Param("cpu")
    public String device;

    @Param("0")
    public int threads;

    private AnomalyDetector detector;
    private Path file;

    @Setup(Level.Trial)
    public void open() throws IOException {
        detector = AnomalyDetector.load(
                Path.of(checkpoint),
                DetectorOptions.DEFAULT
                        .withDevice(device)
                        .withThreads(threads)
                        .withPrecision(precision)
                        .withBatch(batch));
        file = Path.of(image);
    }

    @Benchmark
    public List<Detection> detect() {
        List<RgbImage> images =
                Collections.nCopies(batch, file).stream().map(Images::readRgb).toList();
        return detector.detect(images);
    }

    @TearDown(Level.Trial)
    public void close() {
        detector.close();
    }
}
