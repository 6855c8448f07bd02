package io.diffusionad.benchmarks.suite;

import io.diffusionad.app.report.Fonts;
import io.diffusionad.benchmarks.suite.Results.Curve;
import io.diffusionad.benchmarks.suite.Results.Point;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/** Quality against speed: one point a method, images a second on a logarithmic axis. */
final class CurveChart {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 600;
    private static final double MARGIN = 0.05;
    private static final double LABEL_ABOVE = 0.03;
    /** Labels of methods about as fast as each other stand on so many lines, one above the other. */
    private static final int LABEL_LINES = 3;

    private CurveChart() {}

    /** Empty on machines without fonts. */
    static Optional<BufferedImage> draw(Curve curve) {
        if (!Fonts.available()) {
            return Optional.empty();
        }
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Speed and quality: " + curve.category() + ", "
                        + curve.model().imageSize() + "x" + curve.model().imageSize() + ", "
                        + curve.precision().toLowerCase(Locale.ROOT))
                .xAxisTitle("images a second")
                .yAxisTitle("AUROC")
                .build();
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        chart.getStyler()
                .setXAxisLogarithmic(true)
                .setLegendPosition(Styler.LegendPosition.InsideSW)
                .setChartBackgroundColor(Color.WHITE);
        double lowest = curve.points().stream()
                .mapToDouble(p -> Math.min(p.imageAuroc(), p.pixelAuroc()))
                .min()
                .orElseThrow();
        double low = Math.max(0, lowest - MARGIN);
        // Whole decades: the axis labels nothing else.
        chart.getStyler()
                .setXAxisMin(decade(
                        curve.points().stream()
                                .mapToDouble(Point::imagesPerSecond)
                                .min()
                                .orElseThrow(),
                        Math::floor));
        chart.getStyler()
                .setXAxisMax(decade(
                        curve.points().stream()
                                .mapToDouble(Point::imagesPerSecond)
                                .max()
                                .orElseThrow(),
                        Math::ceil));
        chart.getStyler().setYAxisMin(low).setYAxisMax(1 + LABEL_ABOVE * (LABEL_LINES + 1) * (1 - low));
        add(chart, "image AUROC", curve.points(), Point::imageAuroc);
        add(chart, "pixel AUROC", curve.points(), Point::pixelAuroc);
        List<Point> bySpeed = curve.points().stream()
                .sorted(Comparator.comparingDouble(Point::imagesPerSecond))
                .toList();
        for (int i = 0; i < bySpeed.size(); i++) {
            Point point = bySpeed.get(i);
            double top = Math.max(point.imageAuroc(), point.pixelAuroc());
            chart.addAnnotation(new AnnotationText(
                    point.method(),
                    point.imagesPerSecond(),
                    top + LABEL_ABOVE * (1 + i % LABEL_LINES) * (1 - low),
                    false));
        }
        return Optional.of(BitmapEncoder.getBufferedImage(chart));
    }

    private static double decade(double value, DoubleUnaryOperator rounding) {
        return Math.pow(10, rounding.applyAsDouble(Math.log10(value)));
    }

    private static void add(XYChart chart, String name, List<Point> points, ToDoubleFunction<Point> quality) {
        chart.addSeries(
                name,
                points.stream().mapToDouble(Point::imagesPerSecond).toArray(),
                points.stream().mapToDouble(quality).toArray());
    }
}
