package io.diffusionad.benchmarks.suite;

import io.diffusionad.benchmarks.BenchNetworks;
import io.diffusionad.benchmarks.ReconstructionMethod;
import io.diffusionad.benchmarks.TrainStepBenchmark;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.settings.Precision;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.train.MemoryMode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Locale;

/**
 * A process that works on demand, beside others of its kind. Arguments: {@code training} or {@code detection},
 * precision, device, threads, image size, widths of both networks, images a step. Says {@value #READY} once it is warm;
 * then every line it reads is a number of seconds to work for, and every line that it prints is the number of images a
 * second that it managed.
 */
public final class SharedProbe {
    static final String READY = "ready";
    private static final double WARM_UP_SECONDS = 2;

    private SharedProbe() {}

    /** A piece of work. */
    private interface Work extends AutoCloseable {
        void once();

        @Override
        void close();
    }

    public static void main(String[] arguments) throws IOException {
        boolean trains = arguments[0].equals(SharedPart.TRAINING);
        Precision precision = Precision.valueOf(arguments[1]);
        int threads = Integer.parseInt(arguments[3]);
        ModelSettings settings = ModelSettings.of(
                Integer.parseInt(arguments[4]), Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]), null);
        int batch = trains ? Integer.parseInt(arguments[7]) : 1;
        try (Work work = trains
                ? training(precision, arguments[2], threads, settings, batch)
                : detection(precision, arguments[2], threads, settings)) {
            runsASecond(work, WARM_UP_SECONDS);
            System.out.println(READY);
            BufferedReader questions = new BufferedReader(new InputStreamReader(System.in));
            for (String seconds = questions.readLine(); seconds != null; seconds = questions.readLine()) {
                System.out.printf(Locale.ROOT, "%.6f%n", batch * runsASecond(work, Double.parseDouble(seconds)));
            }
        }
    }

    /** Of whole runs, at least one. */
    private static double runsASecond(Work work, double seconds) {
        long started = System.nanoTime();
        double elapsed = 0;
        int runs = 0;
        while (elapsed < seconds) {
            work.once();
            runs++;
            elapsed = (System.nanoTime() - started) * 1e-9;
        }
        return runs / elapsed;
    }

    private static Work training(Precision precision, String device, int threads, ModelSettings settings, int batch) {
        TrainStepBenchmark steps = new TrainStepBenchmark();
        steps.imageSize = settings.imageSize();
        steps.baseChannels = settings.unet().baseChannels();
        steps.segmentationChannels = settings.segmentation().baseChannels();
        steps.batch = batch;
        steps.microBatch = batch;
        steps.memory = MemoryMode.FAST;
        steps.precision = precision == Precision.FLOAT32 ? DType.FLOAT32 : DType.BFLOAT16;
        steps.device = device;
        steps.threads = threads;
        steps.open();
        return new Work() {
            @Override
            public void once() {
                steps.step();
            }

            @Override
            public void close() {
                steps.close();
            }
        };
    }

    private static Work detection(Precision precision, String device, int threads, ModelSettings settings) {
        BenchNetworks networks = BenchNetworks.untrained(device, threads, settings, precision, false);
        networks.onlyDetect();
        ReconstructionMethod method = ReconstructionMethod.named("norm-guided", settings.diffusion());
        Tensor images = networks.images(1);
        return new Work() {
            @Override
            public void once() {
                try (var scope = networks.workspace().main().scope()) {
                    networks.run(method, images, DetectionPipeline.DEFAULT_SEED);
                }
            }

            @Override
            public void close() {
                networks.close();
            }
        };
    }
}
