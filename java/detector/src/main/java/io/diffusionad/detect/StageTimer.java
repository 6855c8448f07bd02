package io.diffusionad.detect;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Adds up where detection spends its time. Written by the thread that detects, readable from any. */
public final class StageTimer {
    /** Parts of a detection, in order. */
    public enum Stage {
        /** Pixels to the device. */
        UPLOAD,
        /** Noise, UNet, norm guidance. */
        RECONSTRUCTION,
        SEGMENTATION,
        /** Score maps from the device. */
        DOWNLOAD
    }

    private final AtomicLongArray nanos = new AtomicLongArray(Stage.values().length);
    private final AtomicLong images = new AtomicLong();
    private long mark;

    void start() {
        mark = System.nanoTime();
    }

    /** The time since the last start or stop belongs to {@code stage}. */
    void stop(Stage stage) {
        long time = System.nanoTime();
        nanos.addAndGet(stage.ordinal(), time - mark);
        mark = time;
    }

    void count(int more) {
        images.addAndGet(more);
    }

    /** Images so far. */
    public long images() {
        return images.get();
    }

    /** Mean seconds an image of each stage; NaN before the first image. */
    public Map<Stage, Double> secondsPerImage() {
        Map<Stage, Double> seconds = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            seconds.put(stage, images() == 0 ? Double.NaN : nanos.get(stage.ordinal()) * 1e-9 / images());
        }
        return seconds;
    }
}
