package io.diffusionad.backend.cuda;

import java.nio.file.Path;

/**
 * A device's parts under a tuner that measures, for tests that decide which convolution kernel runs: by what stands in
 * the tuner's cache.
 */
final class CudaParts implements AutoCloseable {
    final GpuProperties gpu = GpuProperties.of(0);
    final KernelTable table = KernelTable.load();
    final CudaContext context = new CudaContext(0);
    final CudaMemory memory = new CudaMemory(context, "cuda:0");
    final KernelModules modules = new KernelModules(gpu, table);
    final Launch launch = new Launch(context, modules, gpu.multiprocessors());
    final ScratchMemory scratch = new ScratchMemory(memory);
    final PackedWeights packed = new PackedWeights(memory, launch);
    final KernelTuner tuner;
    final CudaOps ops;

    CudaParts(Path cache) {
        TuningCache choices = new TuningCache(cache);
        tuner = new KernelTuner(context, gpu, memory, launch, choices, true);
        LibraryChoice choice = new LibraryChoice(CudaLibraries.none(), context, memory, launch, tuner, choices, false);
        ops = new CudaOps(context, launch, scratch, packed, tuner, choice, TensorMaps.forCard(gpu, table), gpu, false);
    }

    /** The line of a cache that makes the tuner choose a kernel for a bfloat16 problem. */
    static String choice(GatherProblem problem, ConvolutionKernel kernel) {
        return choice(problem, ConvolutionKernel.BF16.get(0), kernel);
    }

    /** As above, for the gradient by the weight. */
    static String choice(WeightsProblem problem, WeightsKernel kernel) {
        return choice(problem, WeightsKernel.bf16(problem), kernel);
    }

    private static <K extends TunableKernel> String choice(TunableProblem<K> problem, K firstCandidate, K kernel) {
        return firstCandidate.name() + " " + problem.key() + "\t" + kernel.name() + "\n";
    }

    @Override
    public void close() {
        packed.close();
        scratch.close();
        modules.close();
        context.close();
    }
}
