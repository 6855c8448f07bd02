package io.diffusionad.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.diffusionad.app.report.HtmlPage;
import io.diffusionad.app.report.LossPlot;
import io.diffusionad.app.report.MetricsCsv;
import io.diffusionad.app.report.MetricsTable;
import io.diffusionad.app.report.ScoreMapFile;
import io.diffusionad.metrics.MetricSet;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportsTest {
    @TempDir
    Path temporary;

    private static Map<String, MetricSet> metrics() {
        Map<String, MetricSet> metrics = new LinkedHashMap<>();
        metrics.put("bottle", new MetricSet(0.5, 0.25, 0.75, 0.125, 1, 0, 0.625, Map.of()));
        metrics.put("caps, \"red\"", new MetricSet(1, 0.75, 0.25, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Map.of("pixelAuroc", "no masks")));
        return metrics;
    }

    @Test
    void theCsvHasTheOriginalsColumnsInPerCent() throws IOException {
        Path file = temporary.resolve("metrics.csv");
        MetricsCsv.write(file, metrics());
        assertEquals(List.of("classname,Image-AUROC,Pixel-AUROC,Pixel-AUPRO,Pixel_AP,Image-AP,Image-F1max,Pixel-F1max",
                "bottle,50.0000,12.5000,62.5000,100.0000,25.0000,75.0000,0.0000",
                "\"caps, \"\"red\"\"\",100.0000,,,,75.0000,25.0000,",
                "average,75.0000,,,,50.0000,50.0000,"), Files.readAllLines(file));
    }

    @Test
    void theTableMarksAbsentMetrics() {
        List<List<String>> rows = MetricsTable.rows(metrics());
        assertEquals(4, rows.size());
        assertEquals(List.of("caps, \"red\"", "1.000", "0.750", "0.250", "-", "-", "-", "-"), rows.get(2));
    }

    @Test
    void pagesEscapeTextAndNeedNothingElse() throws IOException {
        Path file = temporary.resolve("page.html");
        new HtmlPage("a <b> & c").paragraph("x < \"y\"").warning("<script>").facts(Map.of("<i>", "\"q\"")).heading("end").write(file);
        String page = Files.readString(file);
        assertTrue(page.contains("a &lt;b&gt; &amp; c") && page.contains("&lt;script&gt;") && page.contains("&lt;i&gt;"), page);
        assertEquals(2, page.split("<script>").length, "the page's own script");
        assertFalse(page.contains("http:") || page.contains("https:") || page.contains("src=\"/") || page.contains("@import") || page.contains("url("), page);
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
        Path losses = Files.writeString(temporary.resolve("losses.csv"), "step,total,noise,focal,smooth_l1,unet_lr,segmentation_lr,seconds\n");
        assertTrue(LossPlot.draw(losses, "empty").isEmpty());
        Files.writeString(losses, Files.readString(losses) + "1,1.5,1,0.1,0.2,1e-4,1e-4,0.1\n2,0,0,0,0,1e-4,1e-4,0.1\n");
        LossPlot.draw(losses, "two steps").ifPresent(plot -> assertEquals(900, plot.getWidth()));
    }
}
