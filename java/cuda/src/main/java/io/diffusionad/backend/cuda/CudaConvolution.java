package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Convolutions: picks a kernel that can do the problem, splits small ones, launches; or hands the sums to one of
 * NVIDIA's libraries where one was asked for and is faster. Forward and the gradient by the input share the gather
 * kernels; see {@code kernels/conv_arguments.cuh}.
 */
final class CudaConvolution {
    /**
     * Where a gather kernel finds element (k, tap, c) of the weight: address + k·row + tap·tap + c·channel elements.
     */
    private record WeightView(long address, long row, long tap, long channel) {}

    private static final WeightView NO_WEIGHT = new WeightView(0, 0, 0, 0);
    /** What allocations of the driver are aligned to. */
    private static final int SCRATCH_ALIGNMENT = 256;

    private final Launch launch;
    private final ScratchMemory scratch;
    private final PackedWeights packed;
    private final KernelTuner tuner;
    private final LibraryChoice choice;
    private final Optional<TensorMaps> tensorMaps;
    private final boolean tensorCores;
    private final boolean tf32;

    CudaConvolution(
            Launch launch,
            ScratchMemory scratch,
            PackedWeights packed,
            KernelTuner tuner,
            LibraryChoice choice,
            Optional<TensorMaps> tensorMaps,
            boolean tensorCores,
            boolean tf32) {
        this.launch = launch;
        this.scratch = scratch;
        this.packed = packed;
        this.tuner = tuner;
        this.choice = choice;
        this.tensorMaps = tensorMaps;
        this.tensorCores = tensorCores;
        this.tf32 = tensorCores && tf32;
    }

    void forward(Tensor y, Tensor x, Weight weight, Epilogue epilogue, Conv2d geometry) {
        GatherProblem problem = new GatherProblem(
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                y.dim(1),
                y.dim(2),
                y.dim(3),
                geometry.kernel(),
                geometry.stride(),
                0);
        Tensor w = weight.value();
        int channels = w.dim(3);
        int offset = geometry.inputOffset();
        long inPlace = w.address() + (long) offset * Float.BYTES;
        boolean aligned = inPlace % 16 == 0 && channels % 4 == 0;
        Family family = family(problem, x, y, epilogue.residual(), aligned);
        WeightView view =
                switch (family) {
                    case BF16 ->
                        new WeightView(
                                packed.address(weight, PackedWeights.Layout.FORWARD_BF16, offset, problem.c()),
                                (long) problem.taps() * problem.c(),
                                problem.c(),
                                1);
                    case TF32, FFMA_VECTORS, FFMA ->
                        new WeightView(inPlace, (long) problem.taps() * channels, channels, 1);
                };
        List<LibraryChoice.Way> ways = gatherWays(problem, family, y, x, view, epilogue);
        cudnnPlan(CudnnPlan.Direction.FORWARD, x, y, weight, geometry)
                .ifPresent(plan -> ways.add(cudnnForwardWay(plan, problem, y, x, weight, epilogue, geometry)));
        compute("forward", problem, y, ways);
    }

    void backwardData(Tensor dx, Tensor dy, Weight weight, Conv2d geometry, boolean accumulate) {
        GatherProblem problem = new GatherProblem(
                dx.dim(0),
                dy.dim(1),
                dy.dim(2),
                dy.dim(3),
                dx.dim(1),
                dx.dim(2),
                dx.dim(3),
                geometry.kernel(),
                1,
                geometry.stride() == 2 ? 1 : 0);
        Tensor w = weight.value();
        int offset = geometry.inputOffset();
        Family family = family(problem, dy, dx, null, true);
        WeightView view =
                switch (family) {
                    case BF16 ->
                        transposed(
                                problem,
                                packed.address(weight, PackedWeights.Layout.BACKWARD_BF16, offset, problem.k()));
                    case TF32, FFMA_VECTORS ->
                        transposed(
                                problem,
                                packed.address(weight, PackedWeights.Layout.BACKWARD_F32, offset, problem.k()));
                    case FFMA -> {
                        long channels = w.dim(3);
                        long lastTap = (problem.taps() - 1) * channels;
                        yield new WeightView(
                                w.address() + (lastTap + offset) * Float.BYTES,
                                1,
                                -channels,
                                problem.taps() * channels);
                    }
                };
        List<LibraryChoice.Way> ways =
                gatherWays(problem, family, dx, dy, view, accumulate ? Epilogue.NONE.withResidual(dx) : Epilogue.NONE);
        cudnnPlan(CudnnPlan.Direction.BACKWARD_DATA, dx, dy, weight, geometry)
                .ifPresent(plan -> ways.add(new LibraryChoice.Way(
                        cudnnName(),
                        target -> plan.run(
                                target,
                                denseWeight(weight, dx, geometry),
                                dy.address(),
                                scratch.atLeast(plan.workspaceBytes()),
                                accumulate && target == dx.address()))));
        compute("backwardData", problem, dx, ways);
    }

    /** Runs the best way into {@code output}; while ways are tried, each writes elsewhere, and accumulates nothing. */
    private void compute(String direction, GatherProblem problem, Tensor output, List<LibraryChoice.Way> ways) {
        long terms = (long) problem.taps() * problem.c();
        choice.choose(
                        new LibraryChoice.Result(
                                direction + " " + problem.key(), output.elements(), output.dtype(), terms),
                        ways)
                .compute()
                .accept(output.address());
    }

    private static WeightView transposed(GatherProblem problem, long address) {
        return new WeightView(address, (long) problem.taps() * problem.c(), problem.c(), 1);
    }

    /** The kinds of gather kernels, by what they demand of input and weight. */
    private enum Family {
        BF16,
        TF32,
        FFMA_VECTORS,
        FFMA
    }

    /** The fastest family that can do the problem. */
    private Family family(GatherProblem problem, Tensor input, Tensor output, Tensor residual, boolean weightAligned) {
        boolean inputF32 = input.dtype() == DType.FLOAT32;
        boolean outputF32 = output.dtype() == DType.FLOAT32;
        requireAligned(output, residual);
        boolean inputAligned = input.address() % 16 == 0;
        if (!inputF32 && tensorCores && inputAligned && problem.c() % 8 == 0) {
            return Family.BF16;
        }
        boolean vectors = inputF32 == outputF32 && inputAligned && problem.c() % 4 == 0 && weightAligned;
        if (inputF32 && outputF32 && tf32 && vectors) {
            return Family.TF32;
        }
        return vectors ? Family.FFMA_VECTORS : Family.FFMA;
    }

    /** Rows of a multiple of four channels are written as vectors of four. */
    private static void requireAligned(Tensor output, Tensor residual) {
        int bytes = 4 * output.dtype().bytes();
        if (output.dim(3) % 4 == 0
                && (output.address() % bytes != 0 || residual != null && residual.address() % bytes != 0)) {
            throw new IllegalArgumentException("output and residual must start at a multiple of " + bytes + " bytes");
        }
    }

    /** What computes a problem in gather form: our kernels, and cuBLAS where the problem is a product. */
    private List<LibraryChoice.Way> gatherWays(
            GatherProblem problem, Family family, Tensor output, Tensor input, WeightView weight, Epilogue epilogue) {
        List<LibraryChoice.Way> ways = new ArrayList<>();
        ways.add(ownWay(problem, family, output, input, weight, epilogue));
        if (problem.isProduct() && weight.channel() == 1 && (input.dtype() == DType.FLOAT32 || family == Family.BF16)) {
            choice.libraries()
                    .products()
                    .ifPresent(products -> ways.add(productWay(products, problem, output, input, weight, epilogue)));
        }
        return ways;
    }

    /**
     * By our kernels; {@code output} itself as a residual is added only where the result goes there. Kernels are
     * compared by their sums alone: beside a residual, sums of weights that start at zero would let every kernel agree.
     */
    private LibraryChoice.Way ownWay(
            GatherProblem problem, Family family, Tensor output, Tensor input, WeightView weight, Epilogue epilogue) {
        boolean inputF32 = input.dtype() == DType.FLOAT32;
        boolean outputF32 = output.dtype() == DType.FLOAT32;
        List<ConvolutionKernel> candidates =
                switch (family) {
                    case BF16 -> outputF32 ? ConvolutionKernel.BF16_TO_F32 : bf16Kernels(problem);
                    case TF32 -> ConvolutionKernel.TF32;
                    case FFMA_VECTORS -> List.of(ConvolutionKernel.ffma(inputF32, outputF32, true, problem.k()));
                    case FFMA -> List.of(ConvolutionKernel.ffma(inputF32, outputF32, false, problem.k()));
                };
        return new LibraryChoice.Way("own", target -> {
            ConvolutionKernel best = tuner.choose(
                    problem,
                    candidates,
                    output,
                    (kernel, trial) -> launchGather(problem, kernel, trial, input, weight, Epilogue.NONE));
            launchGather(problem, best, target, input, weight, at(target, output, epilogue));
        });
    }

    /** Sums by cuBLAS, then our epilogue. */
    private LibraryChoice.Way productWay(
            CublasProducts products,
            GatherProblem problem,
            Tensor output,
            Tensor input,
            WeightView weight,
            Epilogue epilogue) {
        boolean bf16 = input.dtype() == DType.BFLOAT16;
        return new LibraryChoice.Way(products.name(), target -> {
            long sums = scratch.atLeast(problem.pixels() * problem.k() * Float.BYTES);
            products.multiply(
                    sums,
                    input.address(),
                    weight.address(),
                    weight.row(),
                    problem.pixels(),
                    problem.k(),
                    problem.c(),
                    bf16);
            finish(
                    output.dtype() == DType.FLOAT32 ? "conv_split_reduce_f32" : "conv_split_reduce_bf16",
                    problem,
                    target,
                    input,
                    at(target, output, epilogue),
                    sums);
        });
    }

    /** The convolution by cuDNN, then, where there is one, our epilogue; cuDNN fuses none over float32 biases. */
    private LibraryChoice.Way cudnnForwardWay(
            CudnnPlan plan,
            GatherProblem problem,
            Tensor y,
            Tensor x,
            Weight weight,
            Epilogue epilogue,
            Conv2d geometry) {
        return new LibraryChoice.Way(cudnnName(), target -> {
            long w = denseWeight(weight, x, geometry);
            if (epilogue.equals(Epilogue.NONE)) {
                plan.run(x.address(), w, target, scratch.atLeast(plan.workspaceBytes()), false);
                return;
            }
            long space = (y.bytes() + SCRATCH_ALIGNMENT - 1) / SCRATCH_ALIGNMENT * SCRATCH_ALIGNMENT;
            long sums = scratch.atLeast(space + plan.workspaceBytes());
            plan.run(x.address(), w, sums, sums + space, false);
            finish(
                    y.dtype() == DType.FLOAT32 ? "conv_split_reduce_f32" : "conv_finish_bf16",
                    problem,
                    target,
                    x,
                    at(target, y, epilogue),
                    sums);
        });
    }

    private Optional<CudnnPlan> cudnnPlan(
            CudnnPlan.Direction direction, Tensor x, Tensor y, Weight weight, Conv2d geometry) {
        return choice.libraries()
                .convolutions()
                .flatMap(cudnn -> cudnn.plan(direction, x, y, weight.value().dim(3), geometry));
    }

    private String cudnnName() {
        return choice.libraries().convolutions().orElseThrow().name();
    }

    /** The (k, taps, c) weight of x's channels in x's type, for a problem that {@link #cudnnPlan} accepts. */
    private long denseWeight(Weight weight, Tensor x, Conv2d geometry) {
        return x.dtype() == DType.BFLOAT16
                ? packed.address(weight, PackedWeights.Layout.FORWARD_BF16, geometry.inputOffset(), x.dim(3))
                : weight.value().address();
    }

    /** The epilogue of a result that is tried elsewhere accumulates nothing. */
    private static Epilogue at(long target, Tensor output, Epilogue epilogue) {
        return epilogue.residual() == output && target != output.address() ? epilogue.withResidual(null) : epilogue;
    }

    private List<ConvolutionKernel> bf16Kernels(GatherProblem problem) {
        if (tensorMaps.isEmpty()) {
            return ConvolutionKernel.BF16;
        }
        return Stream.concat(
                        ConvolutionKernel.BF16.stream(),
                        ConvolutionKernel.BF16_WGMMA.stream().filter(kernel -> kernel.canImplement(problem)))
                .toList();
    }

    private void launchGather(
            GatherProblem problem,
            ConvolutionKernel kernel,
            long output,
            Tensor input,
            WeightView weight,
            Epilogue epilogue) {
        int splits = problem.splits(kernel);
        int stepsPerSplit = problem.stepsPerSplit(kernel);
        long partial = splits == 1 ? 0 : scratch.atLeast(splits * problem.pixels() * problem.k() * Float.BYTES);
        Launch fields = launch.kernel(kernel.name()).struct();
        int columns = ConvolutionKernel.ceilDiv(problem.k(), kernel.tileN());
        if (kernel.tensorMaps()) {
            PixelBox box = PixelBox.of(problem);
            TensorMaps maps = tensorMaps.orElseThrow();
            fields.bytes(maps.images(
                            problem.n(), problem.h(), problem.w(), problem.c(), box, problem.stride(), input.address()))
                    .bytes(maps.weight(problem, kernel.tileN(), weight.address()));
            arguments(fields, problem, stepsPerSplit, output, input, weight, epilogue, partial, splits)
                    .i32(box.logWidth(), box.logHeight())
                    .grid(box.count(problem), columns, splits, kernel.threads(), kernel.sharedBytes());
        } else {
            arguments(fields, problem, stepsPerSplit, output, input, weight, epilogue, partial, splits)
                    .grid(
                            (problem.pixels() + kernel.tileM() - 1) / kernel.tileM(),
                            columns,
                            splits,
                            kernel.threads(),
                            kernel.sharedBytes());
        }
        if (splits > 1) {
            arguments(
                            launch.kernel(reduceKernel(kernel)).struct(),
                            problem,
                            stepsPerSplit,
                            output,
                            input,
                            weight,
                            epilogue,
                            partial,
                            splits)
                    .over(problem.pixels() * ConvolutionKernel.ceilDiv(problem.k(), 4), 256);
        }
    }

    /** Applies the epilogue to the sums that a library left at {@code sums}. */
    private void finish(String kernel, GatherProblem problem, long target, Tensor input, Epilogue epilogue, long sums) {
        arguments(launch.kernel(kernel).struct(), problem, 0, target, input, NO_WEIGHT, epilogue, sums, 1)
                .over(problem.pixels() * ConvolutionKernel.ceilDiv(problem.k(), 4), 256);
    }

    private static String reduceKernel(ConvolutionKernel kernel) {
        return kernel.outputF32() ? "conv_split_reduce_f32" : "conv_split_reduce_bf16";
    }

    /** The fields of struct ConvArguments of kernels/conv_arguments.cuh. */
    private static Launch arguments(
            Launch fields,
            GatherProblem problem,
            int stepsPerSplit,
            long output,
            Tensor input,
            WeightView weight,
            Epilogue epilogue,
            long partial,
            int splits) {
        return fields.pointer(input)
                .pointer(weight.address())
                .pointer(output)
                .pointer(epilogue.bias())
                .pointer(epilogue.channelBias())
                .pointer(epilogue.residual())
                .pointer(partial)
                .i64(weight.row())
                .i64(weight.tap())
                .i64(weight.channel())
                .i32(problem.n(), problem.h(), problem.w(), problem.c())
                .i32(problem.p(), problem.q(), problem.k(), problem.kernel())
                .i32(problem.stride(), problem.divide(), problem.padding(), CudaElementwise.code(epilogue.activation()))
                .i32(splits, stepsPerSplit);
    }
}
