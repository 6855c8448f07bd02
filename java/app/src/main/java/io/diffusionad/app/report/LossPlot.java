package io.diffusionad.app.report;

import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The course of training from {@code losses.csv}: each loss against the step, averaged over short windows, on a
 * logarithmic axis.
 */
public final class LossPlot {
    private static final int POINTS = 300;
    private static final double SMALLEST = 1e-8; // a logarithmic axis has no zero
    private static final List<String> SERIES = List.of("total", "noise", "focal", "smooth_l1");

    private LossPlot() {}

    /** Empty before the first step and on machines without fonts. */
    public static Optional<BufferedImage> draw(Path losses, String title) throws IOException {
        List<String> lines = Files.readAllLines(losses);
        if (lines.size() < 2 || !Fonts.available()) {
            return Optional.empty();
        }
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(500)
                .title(title)
                .xAxisTitle("step")
                .yAxisTitle("loss")
                .build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE).setChartBackgroundColor(Color.WHITE);
        double[] steps = windows(column(lines, "step"), 0);
        for (String name : SERIES) {
            chart.addSeries(name, steps, windows(column(lines, name), SMALLEST)).setMarker(SeriesMarkers.NONE);
        }
        return Optional.of(BitmapEncoder.getBufferedImage(chart));
    }

    private static double[] column(List<String> lines, String name) {
        int index = List.of(lines.get(0).split(",")).indexOf(name);
        return lines.stream()
                .skip(1)
                .mapToDouble(line -> Double.parseDouble(line.split(",")[index]))
                .toArray();
    }

    /** Means over consecutive windows of equal length, at most {@value #POINTS} of them. */
    private static double[] windows(double[] values, double floor) {
        int window = (values.length + POINTS - 1) / POINTS;
        double[] means = new double[(values.length + window - 1) / window];
        for (int i = 0; i < means.length; i++) {
            means[i] = Math.max(
                    floor,
                    Arrays.stream(values, i * window, Math.min((i + 1) * window, values.length))
                            .average()
                            .orElseThrow());
        }
        return means;
    }
}
