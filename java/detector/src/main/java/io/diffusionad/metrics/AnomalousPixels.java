package io.diffusionad.metrics;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The scores of all anomalous pixels in descending order, equal ones as one, with what finding them adds to the overlap
 * of regions. Sorted runs go to a file and are merged as they are read back, so that memory does not grow with the
 * pixels. Adding is for one thread.
 */
final class AnomalousPixels {
    private static final int MOST_IN_MEMORY = 1 << 18;
    private static final int RECORD = Integer.BYTES + Long.BYTES + 2 * Double.BYTES;
    private static final int RECORDS_A_READ = 2048;

    private final SpillFile file;
    private final List<Run> runs = new ArrayList<>();
    private int[] keys = new int[1024];
    private double[] overlaps = new double[1024];
    private double[] saturated = new double[1024];
    private int pending;
    private long pixels;
    private long regions;
    private long defects;

    private record Run(long position, long records) {}

    /** @param file runs go there; shared with others */
    AnomalousPixels(SpillFile file) {
        this.file = file;
    }

    /** Takes in the pixels of an image's mask. @param annotated defects with saturation, may be empty */
    void add(ScoredImage image, List<SaturatedRegion> annotated) {
        ConnectedRegions connected = ConnectedRegions.of(image.mask(), image.width(), image.height());
        regions += connected.count();
        defects += annotated.size();
        double[] part = annotated.isEmpty() ? null : saturatedParts(image.scoreMap(), annotated);
        for (int i = 0; i < image.scoreMap().length; i++) {
            int region = connected.regionOf(i);
            if (region >= 0) {
                add(ScoreKey.of(image.scoreMap()[i]), 1.0 / connected.area(region), part == null ? 0 : part[i]);
            }
        }
    }

    /**
     * What every pixel adds to the sum of saturated overlaps: of each defect the highest pixels up to its saturation
     * count, the others add nothing.
     */
    private static double[] saturatedParts(float[] scores, List<SaturatedRegion> annotated) {
        double[] parts = new double[scores.length];
        for (SaturatedRegion defect : annotated) {
            long[] order = new long[scores.length];
            int area = 0;
            for (int i = 0; i < scores.length; i++) {
                if (defect.mask()[i]) {
                    order[area++] = (long) ScoreKey.of(scores[i]) << 32 | i;
                }
            }
            Arrays.sort(order, 0, area);
            long enough = area == 0 ? 0 : defect.saturationArea(area);
            for (int k = 0; k < enough; k++) {
                parts[(int) order[area - 1 - k]] += 1.0 / enough;
            }
        }
        return parts;
    }

    private void add(int key, double overlap, double saturatedOverlap) {
        if (pending == keys.length) {
            if (pending == MOST_IN_MEMORY) {
                spill();
            } else {
                keys = Arrays.copyOf(keys, 2 * pending);
                overlaps = Arrays.copyOf(overlaps, 2 * pending);
                saturated = Arrays.copyOf(saturated, 2 * pending);
            }
        }
        keys[pending] = key;
        overlaps[pending] = overlap;
        saturated[pending++] = saturatedOverlap;
        pixels++;
    }

    /** Sorts what is pending and writes it as a run, equal scores as one record. */
    private void spill() {
        long[] order = new long[pending];
        for (int i = 0; i < pending; i++) {
            order[i] = (long) keys[i] << 32 | i;
        }
        Arrays.sort(order);
        ByteBuffer bytes = ByteBuffer.allocate(pending * RECORD);
        long records = 0;
        for (int i = pending - 1; i >= 0; records++) {
            int key = (int) (order[i] >> 32);
            Step sum = new Step(key);
            for (; i >= 0 && (int) (order[i] >> 32) == key; i--) {
                sum.add(1, overlaps[(int) order[i]], saturated[(int) order[i]]);
            }
            bytes.putInt(key).putLong(sum.pixels).putDouble(sum.overlap).putDouble(sum.saturated);
        }
        runs.add(new Run(file.append(bytes.flip()), records));
        pending = 0;
    }

    /** Anomalous pixels in all. */
    long pixels() {
        return pixels;
    }

    /** 8-connected regions of the masks. */
    long regions() {
        return regions;
    }

    /** Annotated defects with saturation. */
    long defects() {
        return defects;
    }

    /** One distinct score, and what its pixels add together. */
    static final class Step {
        final int key;
        long pixels;
        double overlap;
        double saturated;

        Step(int key) {
            this.key = key;
        }

        private void add(long morePixels, double moreOverlap, double moreSaturated) {
            pixels += morePixels;
            overlap += moreOverlap;
            saturated += moreSaturated;
        }
    }

    /** The steps of several kinds of defects as one sequence, highest score first. */
    static Steps merged(List<AnomalousPixels> parts) {
        PriorityQueue<RunReader> readers = new PriorityQueue<>((a, b) -> Integer.compare(b.key, a.key));
        for (AnomalousPixels part : parts) {
            if (part.pending > 0) {
                part.spill();
            }
            for (Run run : part.runs) {
                RunReader reader = new RunReader(part.file, run);
                if (reader.next()) {
                    readers.add(reader);
                }
            }
        }
        return new Steps(readers);
    }

    /** Reads merged runs forwards once. */
    static final class Steps {
        private final PriorityQueue<RunReader> readers;

        private Steps(PriorityQueue<RunReader> readers) {
            this.readers = readers;
        }

        /** The next lower score, or null after the last. */
        Step next() {
            RunReader reader = readers.peek();
            if (reader == null) {
                return null;
            }
            Step step = new Step(reader.key);
            while (reader != null && reader.key == step.key) {
                readers.poll();
                step.add(reader.pixels, reader.overlap, reader.saturated);
                if (reader.next()) {
                    readers.add(reader);
                }
                reader = readers.peek();
            }
            return step;
        }
    }

    private static final class RunReader {
        private final SpillFile file;
        private final ByteBuffer bytes;
        private long position;
        private long left;
        private int key;
        private long pixels;
        private double overlap;
        private double saturated;

        RunReader(SpillFile file, Run run) {
            this.file = file;
            this.position = run.position;
            this.left = run.records;
            this.bytes = ByteBuffer.allocate((int) Math.min(RECORDS_A_READ, run.records) * RECORD)
                    .limit(0);
        }

        boolean next() {
            if (left == 0) {
                return false;
            }
            if (!bytes.hasRemaining()) {
                bytes.clear().limit((int) Math.min(bytes.capacity(), left * RECORD));
                file.read(bytes, position);
                position += bytes.limit();
                bytes.flip();
            }
            left--;
            key = bytes.getInt();
            pixels = bytes.getLong();
            overlap = bytes.getDouble();
            saturated = bytes.getDouble();
            return true;
        }
    }
}
