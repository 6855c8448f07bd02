package io.diffusionad.app.report;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The course of training: each loss against the step, averaged over short windows, on a logarithmic axis. */
public final class LossPlot {
    private static final int POINTS = 400;
    private static final double SMALLEST = 1e-8; // a logarithmic axis has no zero

    private final List<Double> steps = new ArrayList<>();
    private final List<Double> total = new ArrayList<>();
    private final List<Double> noise = new ArrayList<>();
    private final List<Double> segmentation = new ArrayList<>();

    /** @param segmentationLoss focal and smooth L1 with their weights */
    public void add(long step, double totalLoss, double noiseLoss, double segmentationLoss) {
        steps.add((double) step);
        total.add(totalLoss);
        noise.add(noiseLoss);
        segmentation.add(segmentationLoss);
    }

    /** Empty before the first step and on machines without fonts. */
    public Optional<BufferedImage> draw(String title) {
        if (steps.isEmpty() || !Fonts.available()) {
            return Optional.empty();
        }
        XYChart chart = new XYChartBuilder().width(900).height(500).title(title).xAxisTitle("step").yAxisTitle("loss").build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE).setChartBackgroundColor(Color.WHITE);
        List<Double> x = windows(steps, 0);
        for (var series : List.of(new Named("total", total), new Named("noise", noise), new Named("segmentation", segmentation))) {
            chart.addSeries(series.name(), x, windows(series.values(), SMALLEST)).setMarker(SeriesMarkers.NONE);
        }
        return Optional.of(BitmapEncoder.getBufferedImage(chart));
    }

    private record Named(String name, List<Double> values) { }

    /** Means over consecutive windows of equal length, at most {@value #POINTS} of them. */
    private static List<Double> windows(List<Double> values, double floor) {
        int window = (values.size() + POINTS - 1) / POINTS;
        List<Double> means = new ArrayList<>();
        for (int from = 0; from < values.size(); from += window) {
            int to = Math.min(from + window, values.size());
            means.add(Math.max(floor, values.subList(from, to).stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
        }
        return means;
    }
}
