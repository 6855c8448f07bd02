package io.diffusionad.app;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.demo.Demo;
import io.diffusionad.app.demo.DemoSettings;
import io.diffusionad.app.demodata.DemoDataGenerator.Counts;
import io.diffusionad.app.run.Interruption;
import io.diffusionad.device.Device;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.metrics.TestMetrics;
import io.diffusionad.settings.ModelSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The demo's whole way with a model and pictures too small to learn anything. */
class DemoTest {
    @TempDir
    Path temporary;

    @Test
    void leavesAPageWithEveryProduct() throws IOException {
        DemoSettings settings = DemoSettings.DEFAULT
                .withSteps(1)
                .withCounts(new Counts(8, 1, 1))
                .withModel(ModelSettings.of(32, 32, 4, List.of(1.0, 1.0)));
        StringWriter out = new StringWriter();
        Console console = new Console(new PrintWriter(out, true), new PrintWriter(new StringWriter()), false);
        try (Interruption interruption = new Interruption(console);
                Device device = Devices.open("cpu", DeviceOptions.DEFAULT)) {
            Map<String, TestMetrics> metrics = new Demo(console, settings)
                    .run(temporary, device, interruption)
                    .orElseThrow();
            assertEquals(Set.of("fabric", "washer", "board"), metrics.keySet());
        }
        String page = Files.readString(temporary.resolve("index.html"));
        for (String product : List.of("fabric", "washer", "board")) {
            assertTrue(page.contains("runs/" + product + "/report.html"), product);
            assertTrue(Files.exists(temporary.resolve("runs/" + product + "/report.html")), product);
            assertTrue(out.toString().contains(product), out.toString());
        }
        assertEquals(5, Files.readAllLines(temporary.resolve("metrics.csv")).size());
        assertTrue(out.toString().contains("index.html"), out.toString());
        Program.run("demo", "--out", temporary).isRefusedNaming(temporary.toString(), "--overwrite");
    }
}
