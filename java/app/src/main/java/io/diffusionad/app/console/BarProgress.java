package io.diffusionad.app.console;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Progress as a bar that rewrites its line on standard error; it appears when the task has taken a second. */
final class BarProgress implements Progress {
    private static final long FIRST_NANOS = 1_000_000_000L;

    private final String task;
    private final String unit;
    private final long start = System.nanoTime();
    private long total;
    private long first;
    private String words = "";
    private ProgressBar bar;

    BarProgress(String task, String unit, long total) {
        this.task = task;
        this.unit = unit;
        this.total = total;
    }

    @Override
    public void resumeAt(long done) {
        first = done;
    }

    @Override
    public void at(long done) {
        if (bar == null) {
            if (System.nanoTime() - start < FIRST_NANOS) {
                return;
            }
            bar = open();
        }
        bar.stepTo(done);
        bar.setExtraMessage(words);
    }

    @Override
    public void total(long items) {
        total = items;
        if (bar != null) {
            bar.maxHint(items);
        }
    }

    @Override
    public void note(String text) {
        words = " " + text;
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    private ProgressBar open() {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .startsFrom(first, Duration.ofNanos(System.nanoTime() - start))
                .setUnit(" " + unit + "s", 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(500)
                .setSpeedUnit(ChronoUnit.SECONDS)
                .showSpeed(new DecimalFormat("#.##", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .build();
    }
}
