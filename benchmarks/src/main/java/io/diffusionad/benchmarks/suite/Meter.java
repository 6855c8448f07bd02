package io.diffusionad.benchmarks.suite;

import io.diffusionad.app.console.Progress;

/**
 * Progress of a suite in planned seconds: what is left is known from how much longer than planned everything took so
 * far.
 */
final class Meter {
    private final Progress progress;
    private double planned;

    Meter(Progress progress) {
        this.progress = progress;
    }

    /** Says what is being measured. */
    void at(String what) {
        progress.note(what);
        progress.at(Math.round(planned));
    }

    /** A measurement that was planned to take so long is done. */
    void done(double plannedSeconds) {
        planned += plannedSeconds;
        progress.at(Math.round(planned));
    }
}
