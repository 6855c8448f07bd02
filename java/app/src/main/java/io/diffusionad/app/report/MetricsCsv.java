package io.diffusionad.app.report;

import io.diffusionad.metrics.MetricSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code metrics.csv}: the reference's columns first, under its names and in its unit (per cent), then the further metrics of SPEC §9.
 * A metric that the test set does not allow is an empty field.
 */
public final class MetricsCsv {
    private static final String HEADER = "classname,Image-AUROC,Pixel-AUROC,Pixel-AUPRO,Pixel_AP,Image-AP,Image-F1max,Pixel-F1max";

    private MetricsCsv() { }

    /** @param metrics by category, in the order of the rows; more than one adds a row of averages */
    public static void write(Path file, Map<String, MetricSet> metrics) throws IOException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        metrics.forEach((category, set) -> text.append(row(category, set)));
        if (metrics.size() > 1) {
            text.append(row("average", average(List.copyOf(metrics.values()))));
        }
        OutputFile.write(file, text.toString());
    }

    /** Means of each metric; NaN as soon as one of them is. */
    public static MetricSet average(List<MetricSet> sets) {
        return new MetricSet(mean(sets, MetricSet::imageAuroc), mean(sets, MetricSet::imageAp), mean(sets, MetricSet::imageF1Max),
                mean(sets, MetricSet::pixelAuroc), mean(sets, MetricSet::pixelAp), mean(sets, MetricSet::pixelF1Max), mean(sets, MetricSet::pro), Map.of());
    }

    private static double mean(List<MetricSet> sets, java.util.function.ToDoubleFunction<MetricSet> metric) {
        return sets.stream().mapToDouble(metric).average().orElse(Double.NaN);
    }

    private static String row(String category, MetricSet set) {
        StringBuilder line = new StringBuilder(quote(category));
        for (double value : new double[] {set.imageAuroc(), set.pixelAuroc(), set.pro(), set.pixelAp(), set.imageAp(), set.imageF1Max(), set.pixelF1Max()}) {
            line.append(',').append(Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.4f", 100 * value));
        }
        return line.append('\n').toString();
    }

    private static String quote(String text) {
        return text.matches("[^,\"\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
