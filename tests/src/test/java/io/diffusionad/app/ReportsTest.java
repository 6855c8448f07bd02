package io.diffusionad.app;

import io.diffusionad.app.report.HtmlPage;
import io.diffusionad.app.report.LossPlot;
import io.diffusionad.app.report.MetricsCsv;
import io.diffusionad.app.report.MetricsTable;
import io.diffusionad.app.report.ScoreMapFile;
import io.diffusionad.metrics.Decisions;
import io.diffusionad.metrics.Interval;
import io.diffusionad.metrics.KindMetrics;
import io.diffusionad.metrics.Metric;
import io.diffusionad.metrics.MetricSet;
import io.diffusionad.metrics.Rate;
import io.diffusionad.metrics.TestMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.imageio.ImageIO;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ReportsTest {
    @TempDir
    Path temporary;

    private static Map<String, TestMetrics> metrics() {
        MetricSet bottle = MetricSet.builder()
                .value(Metric.IMAGE_AUROC, 0.5)
                .value(Metric.IMAGE_AP, 0.25)
                .value(Metric.IMAGE_F1_MAX, 0.75)
                .value(Metric.PIXEL_AUROC, 0.125)
                .value(Metric.PIXEL_AP, 1)
                .value(Metric.PIXEL_F1_MAX, 0)
                .value(Metric.REFERENCE_PRO, 0.625)
                .value(Metric.AU_PRO_30, 0.875)
                .value(Metric.AU_PRO_05, 0.375)
                .interval(Metric.IMAGE_AUROC, new Interval(0.25, 0.75))
                .build();
        MetricSet caps = MetricSet.builder()
                .value(Metric.IMAGE_AUROC, 1)
                .value(Metric.IMAGE_AP, 0.75)
                .value(Metric.IMAGE_F1_MAX, 0.25)
                .absent(Metric.PIXEL_AUROC, "no masks")
                .build();
        Map<String, TestMetrics> metrics = new LinkedHashMap<>();
        metrics.put(
                "bottle",
                new TestMetrics(
                        bottle,
                        Map.of("crack", new KindMetrics(4, new Rate(3, 4), bottle)),
                        new Decisions(0.5, new Rate(1, 20), new Rate(1, 4))));
        metrics.put("caps, \"red\"", new TestMetrics(caps, Map.of(), null));
        return metrics;
    }

    @Test
    void theCsvHasTheOriginalsColumnsInPerCent() throws IOException {
        Path file = temporary.resolve("metrics.csv");
        MetricsCsv.write(file, metrics());
        assertEquals(
                List.of(
                        "classname,Image-AUROC,Pixel-AUROC,Pixel-AUPRO,Pixel_AP,Image-AP,Image-F1max,Pixel-F1max,AU-PRO-0.3,AU-PRO-0.05,"
                                + "Image-F1-at-threshold,SegF1,AU-sPRO-0.3,AU-sPRO-0.05",
                        "bottle,50.0000,12.5000,62.5000,100.0000,25.0000,75.0000,0.0000,87.5000,37.5000,,,,",
                        "\"caps, \"\"red\"\"\",100.0000,,,,75.0000,25.0000,,,,,,,",
                        "average,75.0000,,,,50.0000,50.0000,,,,,,,"),
                Files.readAllLines(file));
    }

    @Test
    void theTableShowsExactMetricsAndRatesWithTheirInterval() {
        List<List<String>> rows = MetricsTable.rows(metrics());
        assertEquals(4, rows.size());
        assertEquals(
                List.of(
                        "bottle",
                        "0.500",
                        "0.250",
                        "-",
                        "0.125",
                        "1.000",
                        "0.000",
                        "0.875",
                        "0.375",
                        "1 of 20 (0.1-25 %)",
                        "1 of 4 (0.6-81 %)"),
                rows.get(1));
        assertEquals(List.of("caps, \"red\"", "1.000", "0.750", "-", "-", "-", "-", "-", "-", "-", "-"), rows.get(2));
        assertEquals("-", rows.get(3).get(10), "not every category has decisions");
        assertEquals(
                List.of("bottle", "crack", "4", "3 of 4 (19-99 %)", "0.500", "0.125", "1.000", "0.875", "0.375"),
                MetricsTable.kinds(metrics()).get(1));
    }

    @Test
    void pagesEscapeTextAndNeedNothingElse() throws IOException {
        Path file = temporary.resolve("page.html");
        new HtmlPage("a <b> & c")
                .paragraph("x < \"y\"")
                .warning("<script>")
                .facts(Map.of("<i>", "\"q\""))
                .heading("end")
                .write(file);
        String page = Files.readString(file);
        assertTrue(
                page.contains("a &lt;b&gt; &amp; c") && page.contains("&lt;script&gt;") && page.contains("&lt;i&gt;"),
                page);
        assertEquals(2, page.split("<script>").length, "the page's own script");
        assertFalse(
                page.contains("http:")
                        || page.contains("https:")
                        || page.contains("src=\"/")
                        || page.contains("@import")
                        || page.contains("url("),
                page);
    }

    @Test
    void sixteenBitScoreMapsKeepTheirValues() throws IOException {
        Path file = temporary.resolve("map.png");
        ScoreMapFile.writePng16(file, 2, 2, new float[] {0, 0.5f, 1, 2});
        BufferedImage image = ImageIO.read(file.toFile());
        assertEquals(BufferedImage.TYPE_USHORT_GRAY, image.getType());
        assertEquals(0, image.getRaster().getSample(0, 0, 0));
        assertEquals(32768, image.getRaster().getSample(1, 0, 0));
        assertEquals(65535, image.getRaster().getSample(0, 1, 0));
        assertEquals(65535, image.getRaster().getSample(1, 1, 0));
    }

    @Test
    void theLossPlotNeedsAtLeastOneStep() throws IOException {
        Path losses = Files.writeString(
                temporary.resolve("losses.csv"), "step,total,noise,focal,smooth_l1,unet_lr,segmentation_lr,seconds\n");
        assertTrue(LossPlot.draw(losses, "empty").isEmpty());
        Files.writeString(
                losses, Files.readString(losses) + "1,1.5,1,0.1,0.2,1e-4,1e-4,0.1\n2,0,0,0,0,1e-4,1e-4,0.1\n");
        LossPlot.draw(losses, "two steps").ifPresent(plot -> assertEquals(900, plot.getWidth()));
    }
}
