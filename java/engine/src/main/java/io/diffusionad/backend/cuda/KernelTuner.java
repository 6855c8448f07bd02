package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceUnavailableException;
import io.diffusionad.tensor.OutOfDeviceMemoryException;
import io.diffusionad.tensor.Tensor;
import jcuda.CudaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/**
 * Chooses among kernels that give the same bits: by measuring each on the first call with a shape, remembered on disk per card
 * ({@link TuningCache}), or by an estimate where measuring is switched off ({@code -Ddiffusionad.cuda.tuning=estimate}), impossible (while
 * operations are being recorded), or out of memory.
 *
 * <p>Kernels with tensor maps add within an instruction that other kernels do not use, so of them the same bits are not promised but checked: only
 * one whose output for the very problem equalled that of another kernel on this card is measured, and only a measured one is ever chosen.
 */
final class KernelTuner {
    private static final Logger LOG = LoggerFactory.getLogger(KernelTuner.class);
    private static final String PROPERTY = "diffusionad.cuda.tuning";
    private static final long ALIGNMENT = 256;

    /** Runs a candidate with its output at the given address. */
    interface Trial {
        void run(ConvolutionKernel kernel, long output);
    }

    private final EventTimer timer;
    private final GpuProperties gpu;
    private final CudaMemory memory;
    private final ResultComparison comparison;
    private final TuningCache cache;
    private final boolean measuring;
    private boolean paused;

    KernelTuner(CudaContext context, GpuProperties gpu, CudaMemory memory, Launch launch, TuningCache cache, boolean measuring) {
        this.timer = new EventTimer(context);
        this.gpu = gpu;
        this.memory = memory;
        this.comparison = new ResultComparison(context, memory, launch);
        this.cache = cache;
        this.measuring = measuring;
    }

    /** Whether the user left measuring switched on. */
    static boolean isMeasuringWanted() {
        return !System.getProperty(PROPERTY, "measure").equals("estimate");
    }

    /** While operations are recorded nothing may be launched for measurement. */
    void pause(boolean pause) {
        paused = pause;
    }

    boolean isPaused() {
        return paused;
    }

    /** Whether this device measures at all. */
    boolean isMeasuring() {
        return measuring;
    }

    ConvolutionKernel choose(GatherProblem problem, List<ConvolutionKernel> candidates, Tensor output, Trial trial) {
        List<ConvolutionKernel> possible = candidates.stream().filter(kernel -> kernel.sharedBytes() <= gpu.sharedMemory()).toList();
        if (possible.size() == 1) {
            return possible.get(0);
        }
        if (!measuring) {
            return estimate(problem, possible);
        }
        String key = possible.get(0).name() + " " + problem.key();
        String known = cache.get(key);
        for (ConvolutionKernel kernel : possible) {
            if (kernel.name().equals(known)) {
                return kernel;
            }
        }
        if (paused) {
            return estimate(problem, possible);
        }
        ConvolutionKernel best = measure(problem, possible, output, trial);
        cache.put(key, best.name());
        return best;
    }

    /** Trials write beside the real output: it may also be the residual that they read. */
    private ConvolutionKernel measure(GatherProblem problem, List<ConvolutionKernel> candidates, Tensor output, Trial trial) {
        boolean comparing = candidates.stream().anyMatch(ConvolutionKernel::tensorMaps);
        long bytes = (output.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        long allocated = comparing ? 2 * bytes : bytes;
        long target;
        try {
            target = memory.allocate(allocated);
        } catch (OutOfDeviceMemoryException e) {
            return estimate(problem, candidates);
        }
        try {
            if (comparing) {
                trial.run(candidates.get(0), target + bytes);
            }
            ConvolutionKernel best = candidates.get(0);
            float bestTime = Float.POSITIVE_INFINITY;
            for (ConvolutionKernel kernel : candidates) {
                if (kernel.tensorMaps() && !givesTheSameBits(problem, kernel, candidates.get(0), output, target, target + bytes, trial)) {
                    continue;
                }
                float time = timer.milliseconds(() -> trial.run(kernel, target));
                if (time < bestTime) {
                    best = kernel;
                    bestTime = time;
                }
            }
            return best;
        } finally {
            memory.free(target, allocated);
        }
    }

    /** Whether a kernel writes what {@code promised} wrote at {@code reference}; if not, one line of the log says why it is left out. */
    private boolean givesTheSameBits(GatherProblem problem, ConvolutionKernel kernel, ConvolutionKernel promised, Tensor output, long target,
                                     long reference, Trial trial) {
        String cause;
        try {
            trial.run(kernel, target);
            ResultComparison.Difference difference = comparison.compare(reference, target, output.elements(), output.dtype());
            if (difference.elements() == 0) {
                return true;
            }
            cause = "differs from " + promised.name() + " in " + difference.elements() + " of " + output.elements() + " values, by at most "
                    + difference.largest();
        } catch (CudaException | DeviceUnavailableException e) {
            cause = "fails: " + e.getMessage();
        }
        LOG.warn("convolution {} does without {}, which {} (-D{}=off leaves all such kernels out)", problem.key(), kernel.name(), cause,
                TensorMaps.PROPERTY);
        return false;
    }

    /**
     * The least cost among the kernels whose bits are promised. Full waves of blocks times the work of a tile; large tiles read less per product,
     * small ones fill the card better.
     */
    private ConvolutionKernel estimate(GatherProblem problem, List<ConvolutionKernel> candidates) {
        ConvolutionKernel best = candidates.get(0);
        double bestCost = Double.POSITIVE_INFINITY;
        for (ConvolutionKernel kernel : candidates) {
            if (kernel.tensorMaps()) {
                continue;
            }
            double area = (double) kernel.tileM() * kernel.tileN();
            long blocks = kernel.blocks(problem.pixels(), problem.k()) * problem.splits(kernel);
            long together = gpu.multiprocessors() * Math.max(1, Math.round((256.0 * 128) / area));
            double waves = Math.ceil((double) blocks / together);
            double cost = waves * (1 + 24.0 / Math.min(kernel.tileM(), kernel.tileN())) * area * together / gpu.multiprocessors();
            if (cost < bestCost) {
                best = kernel;
                bestCost = cost;
            }
        }
        return best;
    }
}
