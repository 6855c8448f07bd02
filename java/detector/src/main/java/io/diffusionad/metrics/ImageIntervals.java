package io.diffusionad.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Bootstrap intervals of the metrics of whole images. */
final class ImageIntervals {
    private static final int REPLICATES = 1000;

    private ImageIntervals() {}

    static void add(MetricSet.Builder set, List<ImageTruth> images) {
        Bootstrap bootstrap = new Bootstrap(images);
        if (!bootstrap.isPossible()) {
            set.intervalsWithheld(Bootstrap.TOO_FEW);
            return;
        }
        int[] order = IntStream.range(0, images.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -(float) images.get(i).score()))
                .mapToInt(i -> i)
                .toArray();
        double[] aurocs = new double[REPLICATES];
        double[] precisions = new double[REPLICATES];
        for (int replicate = 0; replicate < REPLICATES; replicate++) {
            PixelCurve curve = curve(images, order, bootstrap.draw(replicate));
            aurocs[replicate] = curve.auroc();
            precisions[replicate] = curve.averagePrecision();
        }
        set.interval(Metric.IMAGE_AUROC, Bootstrap.interval(aurocs, 0))
                .interval(Metric.IMAGE_AP, Bootstrap.interval(precisions, 0));
    }

    /** Images as pixels of a curve, each as often as it was drawn. @param order highest score first */
    private static PixelCurve curve(List<ImageTruth> images, int[] order, int[] drawn) {
        long anomalous = images.stream().filter(ImageTruth::anomalous).count();
        PixelCurve curve = new PixelCurve(anomalous, images.size() - anomalous, 1, 0);
        for (int i = 0; i < order.length; ) {
            float score = (float) images.get(order[i]).score();
            int found = 0;
            int wrong = 0;
            for (; i < order.length && (float) images.get(order[i]).score() == score; i++) {
                if (images.get(order[i]).anomalous()) {
                    found += drawn[order[i]];
                } else {
                    wrong += drawn[order[i]];
                }
            }
            curve.step(0, wrong, found, 0, 0);
        }
        return curve;
    }
}
