package io.diffusionad.benchmarks.suite;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.AnomalyDetector;
import io.diffusionad.DetectorOptions;
import io.diffusionad.settings.Precision;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * A fresh JVM's first images. Arguments: checkpoint, device, threads, precision, image, number of images. Prints a line
 * for every image after the first, its milliseconds, and then one line of JSON: seconds from the JVM's start until the
 * detector was loaded and until the first decision, resident MiB after the last image.
 */
public final class DetectorProbe {
    private DetectorProbe() {}

    public static void main(String[] arguments) throws IOException {
        DetectorOptions options = DetectorOptions.DEFAULT
                .withDevice(arguments[1])
                .withThreads(Integer.parseInt(arguments[2]))
                .withPrecision(Precision.valueOf(arguments[3]));
        Path image = Path.of(arguments[4]);
        int images = Integer.parseInt(arguments[5]);
        try (AnomalyDetector detector = AnomalyDetector.load(Path.of(arguments[0]), options)) {
            double loaded = secondsSinceStart();
            detector.detect(image);
            double first = secondsSinceStart();
            for (int i = 1; i < images; i++) {
                long started = System.nanoTime();
                detector.detect(image);
                System.out.println((System.nanoTime() - started) * 1e-6);
            }
            System.out.println(new ObjectMapper()
                    .writeValueAsString(Map.of(
                            "loaded_seconds", loaded, "first_image_seconds", first, "resident_mib", residentMib())));
        }
    }

    /** Nearest-rank percentile. @param share 0 to 1 */
    static double percentile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    private static double secondsSinceStart() {
        return (System.currentTimeMillis()
                        - ManagementFactory.getRuntimeMXBean().getStartTime())
                * 1e-3;
    }

    private static double residentMib() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .findFirst()
                .map(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                .orElseThrow();
    }
}
