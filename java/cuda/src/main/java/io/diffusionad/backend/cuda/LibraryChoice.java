package io.diffusionad.backend.cuda;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.OutOfDeviceMemoryException;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Chooses between our kernel and NVIDIA's libraries for a problem. On the first call with it each library's result is
 * compared with ours; those that agree are timed beside it, and the fastest is remembered ({@link TuningCache}). While
 * nothing may be measured, what is remembered is used, else our kernel; where measuring is switched off altogether
 * ({@code -Ddiffusionad.cuda.tuning=estimate}), a library that the user named is.
 */
final class LibraryChoice {
    /** A way to compute a problem: writes the result to a device address. */
    record Way(String name, LongConsumer compute) {}

    /**
     * The problem's result and how far two right ones may be apart.
     *
     * @param key names the problem among all
     * @param terms numbers that one result adds up, in float32 and in any order
     */
    record Result(String key, long elements, DType dtype, long terms) {
        private static final double FLOAT32_ROUNDING = 0x1p-24;

        long bytes() {
            return elements * dtype.bytes();
        }

        /**
         * Relative to the largest value: both sums err by a random walk of roundings, four standard deviations are
         * allowed; then a library may round a bfloat16 result once before the epilogue and once after it.
         */
        double tolerance(boolean tf32) {
            double sums = 4 * FLOAT32_ROUNDING * Math.sqrt(terms);
            double factors = tf32 && dtype == DType.FLOAT32 ? 0x1p-10 : 0;
            return sums + factors + (dtype == DType.BFLOAT16 ? 0x1p-7 : 4 * FLOAT32_ROUNDING);
        }
    }

    private final CudaLibraries libraries;
    private final CudaMemory memory;
    private final KernelTuner tuner;
    private final TuningCache cache;
    private final ResultComparison comparison;
    private final EventTimer timer;
    private final boolean tf32;

    LibraryChoice(
            CudaLibraries libraries,
            CudaContext context,
            CudaMemory memory,
            Launch launch,
            KernelTuner tuner,
            TuningCache cache,
            boolean tf32) {
        this.libraries = libraries;
        this.memory = memory;
        this.tuner = tuner;
        this.cache = cache;
        this.comparison = new ResultComparison(context, memory, launch);
        this.timer = new EventTimer(context);
        this.tf32 = tf32;
    }

    CudaLibraries libraries() {
        return libraries;
    }

    /**
     * @param ways ours first; each must compute the whole result from operands that a run elsewhere leaves as they are
     */
    Way choose(Result result, List<Way> ways) {
        Way own = ways.get(0);
        if (ways.size() == 1) {
            return own;
        }
        if (!tuner.isMeasuring()) {
            return libraries.isNamed() ? ways.get(1) : own;
        }
        String key = ways.stream().map(Way::name).collect(Collectors.joining("|")) + " " + result.key();
        String known = cache.get(key);
        for (Way way : ways) {
            if (way.name().equals(known)) {
                return way;
            }
        }
        return tuner.isPaused() ? own : measure(key, result, ways);
    }

    private Way measure(String key, Result result, List<Way> ways) {
        long ours = 0;
        long theirs = 0;
        try {
            ours = memory.allocate(result.bytes());
            theirs = memory.allocate(result.bytes());
            Way fastest = fastest(result, ways, ours, theirs);
            if (fastest != null) {
                cache.put(key, fastest.name());
                return fastest;
            }
        } catch (OutOfDeviceMemoryException e) {
            // No room to compare results: our own kernel needs no comparison.
        } finally {
            free(ours, result);
            free(theirs, result);
        }
        return ways.get(0);
    }

    /**
     * Null where our result says nothing about the others: all zeros, as of weights that start at zero, or not finite.
     */
    private Way fastest(Result result, List<Way> ways, long ours, long theirs) {
        Way own = ways.get(0);
        compute(own, ours, result);
        Way fastest = own;
        float least = Float.NaN;
        for (Way rival : ways.subList(1, ways.size())) {
            compute(rival, theirs, result);
            ResultComparison.Difference difference =
                    comparison.compare(ours, theirs, result.elements(), result.dtype());
            if (!difference.isTelling()) {
                return null;
            }
            if (difference.largest() <= result.tolerance(tf32) * difference.largestExpected()) {
                least = Float.isNaN(least)
                        ? timer.milliseconds(() -> own.compute().accept(ours))
                        : least;
                float time = timer.milliseconds(() -> rival.compute().accept(theirs));
                if (time < least) {
                    least = time;
                    fastest = rival;
                }
            }
        }
        return fastest;
    }

    /** Into cleared memory: a way may add to what is there. */
    private void compute(Way way, long target, Result result) {
        comparison.clear(target, result.bytes());
        way.compute().accept(target);
    }

    private void free(long address, Result result) {
        if (address != 0) {
            memory.free(address, result.bytes());
        }
    }
}
