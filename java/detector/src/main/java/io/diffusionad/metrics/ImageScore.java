package io.diffusionad.metrics;

/** The score of a whole image: the mean of its largest pixels (SPEC §9). */
public final class ImageScore {
    /** How many of the largest pixels are averaged. */
    public static final int LARGEST = 50;

    private ImageScore() {}

    /**
     * Mean of the {@value #LARGEST} largest values (all of them if there are fewer), summed in ascending order in
     * float64.
     */
    public static double of(float[] scoreMap) {
        if (scoreMap.length == 0) {
            throw new IllegalArgumentException("an empty score map has no score");
        }
        float[] heap = new float[Math.min(LARGEST, scoreMap.length)];
        System.arraycopy(scoreMap, 0, heap, 0, heap.length);
        for (int i = heap.length / 2 - 1; i >= 0; i--) {
            siftDown(heap, i);
        }
        for (int i = heap.length; i < scoreMap.length; i++) {
            if (scoreMap[i] > heap[0]) {
                heap[0] = scoreMap[i];
                siftDown(heap, 0);
            }
        }
        java.util.Arrays.sort(heap);
        double sum = 0;
        for (float value : heap) {
            sum += value;
        }
        return sum / heap.length;
    }

    /** Restores the order "a parent is no larger than its children" below position i. */
    private static void siftDown(float[] heap, int i) {
        float value = heap[i];
        for (int child = 2 * i + 1; child < heap.length; child = 2 * i + 1) {
            if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
                child++;
            }
            if (value <= heap[child]) {
                break;
            }
            heap[i] = heap[child];
            i = child;
        }
        heap[i] = value;
    }
}
