package io.diffusionad.benchmarks.suite;

import java.io.IOException;

/** A section of the results. */
interface Part {
    /** A guess, for the time left. */
    double plannedSeconds();

    /** Measures, telling the meter {@link #plannedSeconds} in all. @return the results with this section */
    Results measure(Results results, Meter meter) throws IOException;
}
