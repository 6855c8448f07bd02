package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.util.List;
import java.util.Optional;

/**
 * Convolutions: picks a kernel that can do the problem, splits small ones, launches. Forward and the gradient by the input share the gather
 * kernels; see {@code kernels/conv_arguments.cuh}.
 */
final class CudaConvolution {
    /** Where a gather kernel finds element (k, tap, c) of the weight: address + k·row + tap·tap + c·channel elements. */
    private record WeightView(long address, long row, long tap, long channel) { }

    private final Launch launch;
    private final ScratchMemory scratch;
    private final PackedWeights packed;
    private final KernelTuner tuner;
    private final Optional<CublasProducts> products;
    private final boolean tensorCores;
    private final boolean tf32;

    CudaConvolution(Launch launch, ScratchMemory scratch, PackedWeights packed, KernelTuner tuner, Optional<CublasProducts> products,
                    boolean tensorCores, boolean tf32) {
        this.launch = launch;
        this.scratch = scratch;
        this.packed = packed;
        this.tuner = tuner;
        this.products = products;
        this.tensorCores = tensorCores;
        this.tf32 = tensorCores && tf32;
    }

    void forward(Tensor y, Tensor x, Weight weight, Epilogue epilogue, Conv2d geometry) {
        GatherProblem problem = new GatherProblem(x.dim(0), x.dim(1), x.dim(2), x.dim(3), y.dim(1), y.dim(2), y.dim(3), geometry.kernel(),
                geometry.stride(), 0);
        Tensor w = weight.value();
        int channels = w.dim(3);
        int offset = geometry.inputOffset();
        long inPlace = w.address() + (long) offset * Float.BYTES;
        boolean aligned = inPlace % 16 == 0 && channels % 4 == 0;
        Family family = family(problem, x, y, epilogue.residual(), aligned);
        WeightView view = switch (family) {
            case BF16 -> new WeightView(packed.address(weight, PackedWeights.Layout.FORWARD_BF16, offset, problem.c()),
                    (long) problem.taps() * problem.c(), problem.c(), 1);
            case TF32, FFMA_VECTORS, FFMA -> new WeightView(inPlace, (long) problem.taps() * channels, channels, 1);
        };
        gather(problem, family, y, x, view, epilogue);
    }

    void backwardData(Tensor dx, Tensor dy, Weight weight, Conv2d geometry, boolean accumulate) {
        GatherProblem problem = new GatherProblem(dx.dim(0), dy.dim(1), dy.dim(2), dy.dim(3), dx.dim(1), dx.dim(2), dx.dim(3), geometry.kernel(), 1,
                geometry.stride() == 2 ? 1 : 0);
        Tensor w = weight.value();
        int offset = geometry.inputOffset();
        Tensor residual = accumulate ? dx : null;
        Family family = family(problem, dy, dx, residual, true);
        WeightView view = switch (family) {
            case BF16 -> transposed(problem, packed.address(weight, PackedWeights.Layout.BACKWARD_BF16, offset, problem.k()));
            case TF32, FFMA_VECTORS -> transposed(problem, packed.address(weight, PackedWeights.Layout.BACKWARD_F32, offset, problem.k()));
            case FFMA -> {
                long channels = w.dim(3);
                long lastTap = (problem.taps() - 1) * channels;
                yield new WeightView(w.address() + (lastTap + offset) * Float.BYTES, 1, -channels, problem.taps() * channels);
            }
        };
        gather(problem, family, dx, dy, view, Epilogue.NONE.withResidual(residual));
    }

    private static WeightView transposed(GatherProblem problem, long address) {
        return new WeightView(address, (long) problem.taps() * problem.c(), problem.c(), 1);
    }

    /** The kinds of gather kernels, by what they demand of input and weight. */
    private enum Family { BF16, TF32, FFMA_VECTORS, FFMA }

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
        if (output.dim(3) % 4 == 0 && (output.address() % bytes != 0 || residual != null && residual.address() % bytes != 0)) {
            throw new IllegalArgumentException("output and residual must start at a multiple of " + bytes + " bytes");
        }
    }

    private void gather(GatherProblem problem, Family family, Tensor output, Tensor input, WeightView weight, Epilogue epilogue) {
        boolean inputF32 = input.dtype() == DType.FLOAT32;
        boolean outputF32 = output.dtype() == DType.FLOAT32;
        List<ConvolutionKernel> candidates = switch (family) {
            case BF16 -> outputF32 ? ConvolutionKernel.BF16_TO_F32 : ConvolutionKernel.BF16;
            case TF32 -> ConvolutionKernel.TF32;
            case FFMA_VECTORS -> List.of(ConvolutionKernel.ffma(inputF32, outputF32, true));
            case FFMA -> List.of(ConvolutionKernel.ffma(inputF32, outputF32, false));
        };
        if (products.isPresent() && problem.isProduct() && weight.channel() == 1 && (inputF32 || family == Family.BF16)) {
            multiply(products.get(), problem, candidates.get(0), output, input, weight, epilogue);
            return;
        }
        ConvolutionKernel best = tuner.choose(problem, candidates, output,
                (kernel, target) -> launchGather(problem, kernel, target, input, weight, epilogue));
        launchGather(problem, best, output.address(), input, weight, epilogue);
    }

    private void launchGather(GatherProblem problem, ConvolutionKernel kernel, long output, Tensor input, WeightView weight, Epilogue epilogue) {
        int splits = problem.splits(kernel);
        long partial = splits == 1 ? 0 : scratch.atLeast(splits * problem.pixels() * problem.k() * Float.BYTES);
        arguments(kernel.name(), problem, kernel, output, input, weight, epilogue, partial, splits)
                .grid((problem.pixels() + kernel.tileM() - 1) / kernel.tileM(), ConvolutionKernel.ceilDiv(problem.k(), kernel.tileN()), splits,
                        kernel.threads(), kernel.sharedBytes());
        if (splits > 1) {
            arguments(reduceKernel(kernel), problem, kernel, output, input, weight, epilogue, partial, splits)
                    .over(problem.pixels() * ConvolutionKernel.ceilDiv(problem.k(), 4), 256);
        }
    }

    /** The sums by a library, then our epilogue. */
    private void multiply(CublasProducts library, GatherProblem problem, ConvolutionKernel kernel, Tensor output, Tensor input, WeightView weight,
                          Epilogue epilogue) {
        long sums = scratch.atLeast(problem.pixels() * problem.k() * Float.BYTES);
        library.multiply(sums, input.address(), weight.address(), weight.row(), problem.pixels(), problem.k(), problem.c(),
                input.dtype() == DType.BFLOAT16);
        arguments(reduceKernel(kernel), problem, kernel, output.address(), input, weight, epilogue, sums, 1)
                .over(problem.pixels() * ConvolutionKernel.ceilDiv(problem.k(), 4), 256);
    }

    private static String reduceKernel(ConvolutionKernel kernel) {
        return kernel.outputF32() ? "conv_split_reduce_f32" : "conv_split_reduce_bf16";
    }

    /** Fills struct ConvArguments of kernels/conv_arguments.cuh. */
    private Launch arguments(String name, GatherProblem problem, ConvolutionKernel kernel, long output, Tensor input, WeightView weight, Epilogue epilogue,
                             long partial, int splits) {
        return launch.kernel(name).struct()
                .pointer(input).pointer(weight.address()).pointer(output)
                .pointer(epilogue.bias()).pointer(epilogue.channelBias()).pointer(epilogue.residual()).pointer(partial)
                .i64(weight.row()).i64(weight.tap()).i64(weight.channel())
                .i32(problem.n(), problem.h(), problem.w(), problem.c())
                .i32(problem.p(), problem.q(), problem.k(), problem.kernel())
                .i32(problem.stride(), problem.divide(), problem.padding(), CudaElementwise.code(epilogue.activation()))
                .i32(splits, problem.stepsPerSplit(kernel));
    }
}
