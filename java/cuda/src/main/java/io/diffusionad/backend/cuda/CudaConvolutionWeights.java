package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Gradients of convolutions by weight and bias: picks a kernel that can do the problem
 * ({@code kernels/conv_weights_*.cu}), splits the reduction over pixels, launches; gradients by float32 weights also by
 * cuDNN where it was asked for.
 */
final class CudaConvolutionWeights {
    private final Launch launch;
    private final ScratchMemory scratch;
    private final ChannelSums channelSums;
    private final KernelTuner tuner;
    private final LibraryChoice choice;
    private final Optional<TensorMaps> tensorMaps;
    private final boolean tensorCores;
    private final boolean tf32;

    CudaConvolutionWeights(
            Launch launch,
            ScratchMemory scratch,
            ChannelSums channelSums,
            KernelTuner tuner,
            LibraryChoice choice,
            Optional<TensorMaps> tensorMaps,
            boolean tensorCores,
            boolean tf32) {
        this.launch = launch;
        this.scratch = scratch;
        this.channelSums = channelSums;
        this.tuner = tuner;
        this.choice = choice;
        this.tensorMaps = tensorMaps;
        this.tensorCores = tensorCores;
        this.tf32 = tensorCores && tf32;
    }

    void backward(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        List<LibraryChoice.Way> ways = new ArrayList<>();
        ways.add(new LibraryChoice.Way("own", target -> add(target, dw, dy, x, geometry)));
        choice.libraries().convolutions().ifPresent(cudnn -> cudnn.plan(
                        CudnnPlan.Direction.BACKWARD_WEIGHTS, x, dy, dw.dim(3), geometry)
                .ifPresent(plan -> ways.add(new LibraryChoice.Way(
                        cudnn.name(),
                        target -> plan.run(
                                x.address(), target, dy.address(), scratch.atLeast(plan.workspaceBytes()), true)))));
        long pixels = (long) dy.dim(0) * dy.dim(1) * dy.dim(2);
        String key = "backwardWeights " + x + " " + dy + " " + geometry;
        choice.choose(new LibraryChoice.Result(key, dw.elements(), dw.dtype(), pixels), ways)
                .compute()
                .accept(dw.address());
        if (dbias != null) {
            channelSums.overAllSamples(dbias, dy);
        }
    }

    /** Adds to a gradient of dw's shape at {@code target}. */
    private void add(long target, Tensor dw, Tensor dy, Tensor x, Conv2d geometry) {
        WeightsProblem problem = new WeightsProblem(
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                dy.dim(1),
                dy.dim(2),
                dy.dim(3),
                geometry.kernel(),
                geometry.stride());
        List<WeightsKernel> candidates = candidates(problem, dy, x);
        WeightsProblem.Split split = problem.split(candidates.get(0));
        WeightsKernel best = tuner.choose(
                problem, candidates, dw, (kernel, trial) -> run(problem, kernel, split, trial, dw, dy, x, geometry));
        run(problem, best, split, target, dw, dy, x, geometry);
    }

    /** First one for every card that the fastest family has; then those of Hopper's that may give the same bits. */
    private List<WeightsKernel> candidates(WeightsProblem problem, Tensor dy, Tensor x) {
        boolean dyF32 = dy.dtype() == DType.FLOAT32;
        boolean xF32 = x.dtype() == DType.FLOAT32;
        boolean aligned = dy.address() % 16 == 0 && x.address() % 16 == 0;
        if (!dyF32 && !xF32 && tensorCores && aligned && problem.k() % 8 == 0 && problem.c() % 8 == 0) {
            Stream<WeightsKernel> hoppers = tensorMaps.isEmpty()
                    ? Stream.empty()
                    : WeightsKernel.BF16_WGMMA.stream().filter(kernel -> kernel.canImplement(problem));
            return Stream.concat(Stream.of(WeightsKernel.bf16(problem)), hoppers)
                    .toList();
        }
        if (dyF32 && xF32 && tf32 && aligned && problem.k() % 4 == 0 && problem.c() % 4 == 0) {
            return List.of(WeightsKernel.TF32);
        }
        return List.of(WeightsKernel.ffma(dyF32, xF32, problem.k()));
    }

    private void run(
            WeightsProblem problem,
            WeightsKernel kernel,
            WeightsProblem.Split split,
            long target,
            Tensor dw,
            Tensor dy,
            Tensor x,
            Conv2d geometry) {
        long elements = (long) problem.k() * problem.taps() * problem.c();
        long partial = split.count() == 1 ? 0 : scratch.atLeast(split.count() * elements * Float.BYTES);
        Launch fields = launch.kernel(kernel.name()).struct();
        if (kernel.tensorMaps()) {
            PixelBox box = problem.box();
            TensorMaps maps = tensorMaps.orElseThrow();
            fields.bytes(maps.images(problem.n(), problem.p(), problem.q(), problem.k(), box, 1, dy.address()))
                    .bytes(maps.images(
                            problem.n(), problem.h(), problem.w(), problem.c(), box, problem.stride(), x.address()));
            arguments(fields, problem, split, target, dw, dy, x, geometry, partial)
                    .i32(box.logWidth(), box.logHeight(), box.logSamples(), problem.boxes(split));
        } else {
            arguments(fields, problem, split, target, dw, dy, x, geometry, partial);
        }
        fields.grid(kernel.blocks(problem), split.count(), 1, kernel.threads(), kernel.sharedBytes());
        if (split.count() > 1) {
            arguments(
                            launch.kernel("conv_weights_reduce").struct(),
                            problem,
                            split,
                            target,
                            dw,
                            dy,
                            x,
                            geometry,
                            partial)
                    .over(elements, 256);
        }
    }

    /** The fields of struct ConvWeightsArguments of kernels/conv_arguments.cuh. */
    private static Launch arguments(
            Launch fields,
            WeightsProblem problem,
            WeightsProblem.Split split,
            long target,
            Tensor dw,
            Tensor dy,
            Tensor x,
            Conv2d geometry,
            long partial) {
        int channels = dw.dim(3);
        return fields.pointer(dy)
                .pointer(x)
                .pointer(target + (long) geometry.inputOffset() * Float.BYTES)
                .pointer(partial)
                .i64((long) problem.taps() * channels)
                .i64(channels)
                .i32(problem.n(), problem.h(), problem.w(), problem.c())
                .i32(problem.p(), problem.q(), problem.k(), problem.kernel())
                .i32(problem.stride(), geometry.padding(), split.count(), Math.toIntExact(split.pixels()));
    }
}
