package io.diffusionad.backend.cpu;

import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;
import io.diffusionad.verify.GoldenWeights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A server that deploys an application again and again: every class loader detects, all share one copy of the native
 * code, and none is held when it is gone.
 */
class ClassLoadersTest {
    private static final int DEPLOYMENTS = 20;
    /** The JDK keeps the class loader under which its image readers were first asked for. */
    private static final int KEPT_BY_IMAGEIO = 1;

    private static final int SIZE = 32;

    @TempDir
    private Path folder;

    private Path checkpoint;

    @BeforeEach
    void writeCheckpoint() throws IOException {
        checkpoint = folder.resolve("model.safetensors");
        ModelSettings settings = ModelSettings.of(SIZE, 32, 4, List.of(1.0, 1.0));
        try (Device device = new CpuDeviceProvider().open(0, new DeviceOptions(1, "own"));
                DetectorModel model = new DetectorModel(settings, device, false)) {
            GoldenWeights.fill(model.unet().parameters(), 1);
            GoldenWeights.fill(model.segmentation().parameters(), 2);
            Checkpoint.writeModel(checkpoint, ModelCard.uncalibrated(settings, "test", 0, 1), model);
        }
    }

    @Test
    void twoAtOnceAndTwentyInARow() throws Exception {
        Deployment first = new Deployment();
        Deployment second = new Deployment();
        double score = first.score();
        assertEquals(score, second.score());
        first.close();
        assertEquals(score, second.score(), "after the first was taken down");
        second.close();

        List<WeakReference<ClassLoader>> gone = new ArrayList<>();
        for (int i = 0; i < DEPLOYMENTS; i++) {
            Deployment again = new Deployment();
            assertEquals(score, again.score(), "deployment " + i);
            again.close();
            gone.add(new WeakReference<>(again.loader));
        }
        assertEquals(1, copiesOf("libdnnl"), "copies of oneDNN");
        assertEquals(1, copiesOf("libgomp"), "copies of libgomp");
        assertTrue(alive(gone) <= KEPT_BY_IMAGEIO, alive(gone) + " of " + DEPLOYMENTS + " class loaders are held");
    }

    private static long alive(List<WeakReference<ClassLoader>> loaders) throws InterruptedException {
        long alive = loaders.size();
        for (int attempt = 0; attempt < 20 && alive > KEPT_BY_IMAGEIO; attempt++) {
            System.gc();
            Thread.sleep(50);
            alive = loaders.stream().filter(loader -> loader.get() != null).count();
        }
        return alive;
    }

    /** Files of that name that this process has mapped, all of them unpacked ones. */
    private static long copiesOf(String library) throws IOException {
        List<String> mapped = Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("/" + library))
                .toList();
        mapped.forEach(line -> assertTrue(line.matches(".*/(natives|loading)-[^/]*/[^/]*"), line));
        return mapped.stream().map(line -> line.split("\\s+")[4]).distinct().count();
    }

    /** The engine in a class loader of its own, with an open detector. */
    private final class Deployment implements AutoCloseable {
        private final URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
        private final AutoCloseable detector;

        Deployment() throws Exception {
            Class<?> options = loader.loadClass("io.diffusionad.DetectorOptions");
            Object chosen = options.getMethod("withDevice", String.class)
                    .invoke(options.getField("DEFAULT").get(null), "cpu");
            chosen = options.getMethod("withThreads", int.class).invoke(chosen, 2);
            detector = (AutoCloseable) loader.loadClass("io.diffusionad.AnomalyDetector")
                    .getMethod("load", Path.class, options)
                    .invoke(null, checkpoint, chosen);
        }

        double score() throws Exception {
            BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
            image.setRGB(3, 4, 0x80ff20);
            Object detection =
                    detector.getClass().getMethod("detect", BufferedImage.class).invoke(detector, image);
            return (double) detection.getClass().getMethod("score").invoke(detection);
        }

        @Override
        public void close() throws Exception {
            detector.close();
            loader.close();
        }
    }

    private static URL[] classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(ClassLoadersTest::url)
                .toArray(URL[]::new);
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(entry, e);
        }
    }
}
