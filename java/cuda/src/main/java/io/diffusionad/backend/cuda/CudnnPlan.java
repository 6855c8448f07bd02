package io.diffusionad.backend.cuda;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnTensorDescriptor;

import java.util.Arrays;
import java.util.stream.Stream;

import static jcuda.jcudnn.cudnnConvolutionMode.CUDNN_CROSS_CORRELATION;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_BFLOAT16;
import static jcuda.jcudnn.cudnnDataType.CUDNN_DATA_FLOAT;
import static jcuda.jcudnn.cudnnDeterminism.CUDNN_DETERMINISTIC;
import static jcuda.jcudnn.cudnnMathType.CUDNN_DEFAULT_MATH;
import static jcuda.jcudnn.cudnnMathType.CUDNN_FMA_MATH;
import static jcuda.jcudnn.cudnnMathType.CUDNN_TENSOR_OP_MATH;
import static jcuda.jcudnn.cudnnStatus.CUDNN_STATUS_SUCCESS;
import static jcuda.jcudnn.cudnnTensorFormat.CUDNN_TENSOR_NHWC;

/**
 * One convolution as cuDNN wants it described: x (n, h, w, c), y (n, p, q, k) and weight (k, kernel, kernel, c) in one
 * type, and the algorithm.
 */
final class CudnnPlan implements AutoCloseable {
    enum Direction {
        FORWARD,
        BACKWARD_DATA,
        BACKWARD_WEIGHTS
    }

    /** The convolution from x to y, whichever of its directions is computed. */
    record Problem(
            Direction direction, DType dtype, int n, int h, int w, int c, int p, int q, int k, int kernel, int stride) {
        static Problem of(Direction direction, Tensor x, Tensor y, Conv2d geometry) {
            return new Problem(
                    direction,
                    x.dtype(),
                    x.dim(0),
                    x.dim(1),
                    x.dim(2),
                    x.dim(3),
                    y.dim(1),
                    y.dim(2),
                    y.dim(3),
                    geometry.kernel(),
                    geometry.stride());
        }
    }

    /**
     * What cuDNN's heuristics say of an algorithm, whatever the direction. Their type of arithmetic is left out:
     * JCuda's native part does not hand it on for two of the directions, so the one that was asked for stays.
     */
    private record Algorithm(int number, int status, int determinism) {}

    private static final int ALGORITHMS_ASKED_FOR = 8;
    private static final Pointer ONE = Pointer.to(new float[] {1});
    private static final Pointer ZERO = Pointer.to(new float[] {0});

    private final cudnnHandle handle;
    private final Problem problem;
    private final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    private final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    private final cudnnFilterDescriptor weight = new cudnnFilterDescriptor();
    private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    private int algorithm;
    private long workspaceBytes;

    /**
     * @param tf32 whether float32 factors may be rounded to TF32
     * @throws CudaException when cuDNN has no deterministic algorithm for the problem on this card
     */
    CudnnPlan(cudnnHandle handle, Problem problem, boolean tf32) {
        this.handle = handle;
        this.problem = problem;
        JCudnn.cudnnCreateTensorDescriptor(x);
        JCudnn.cudnnCreateTensorDescriptor(y);
        JCudnn.cudnnCreateFilterDescriptor(weight);
        JCudnn.cudnnCreateConvolutionDescriptor(convolution);
        try {
            describe(tf32);
            choose();
        } catch (CudaException e) {
            close();
            throw e;
        }
    }

    private void describe(boolean tf32) {
        int type = problem.dtype == DType.BFLOAT16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
        JCudnn.cudnnSetTensor4dDescriptor(x, CUDNN_TENSOR_NHWC, type, problem.n, problem.c, problem.h, problem.w);
        JCudnn.cudnnSetTensor4dDescriptor(y, CUDNN_TENSOR_NHWC, type, problem.n, problem.k, problem.p, problem.q);
        // In NHWC a filter's channels come last: (k, r, s, c).
        JCudnn.cudnnSetFilter4dDescriptor(
                weight, type, CUDNN_TENSOR_NHWC, problem.k, problem.c, problem.kernel, problem.kernel);
        int padding = problem.kernel / 2;
        JCudnn.cudnnSetConvolution2dDescriptor(
                convolution,
                padding,
                padding,
                problem.stride,
                problem.stride,
                1,
                1,
                CUDNN_CROSS_CORRELATION,
                CUDNN_DATA_FLOAT);
        // The default lets float32 be rounded to TF32.
        int exact = tf32 ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH;
        JCudnn.cudnnSetConvolutionMathType(convolution, problem.dtype == DType.BFLOAT16 ? CUDNN_TENSOR_OP_MATH : exact);
    }

    /**
     * The first of cuDNN's proposals, best first, that is deterministic and can be run with the arithmetic asked for.
     */
    private void choose() {
        CudaException unavailable = new CudaException("no deterministic algorithm");
        for (Algorithm proposal : proposals().toList()) {
            if (proposal.status == CUDNN_STATUS_SUCCESS && proposal.determinism == CUDNN_DETERMINISTIC) {
                try {
                    workspaceBytes = workspaceBytes(proposal.number);
                    algorithm = proposal.number;
                    return;
                } catch (CudaException e) {
                    unavailable.addSuppressed(e);
                }
            }
        }
        throw unavailable;
    }

    private long workspaceBytes(int number) {
        long[] bytes = new long[1];
        switch (problem.direction) {
            case FORWARD ->
                JCudnn.cudnnGetConvolutionForwardWorkspaceSize(handle, x, weight, convolution, y, number, bytes);
            case BACKWARD_DATA ->
                JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(handle, weight, y, convolution, x, number, bytes);
            case BACKWARD_WEIGHTS ->
                JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, x, y, convolution, weight, number, bytes);
        }
        return bytes[0];
    }

    private Stream<Algorithm> proposals() {
        int[] found = new int[1];
        return switch (problem.direction) {
            case FORWARD -> {
                var list = new cudnnConvolutionFwdAlgoPerf[ALGORITHMS_ASKED_FOR];
                Arrays.setAll(list, i -> new cudnnConvolutionFwdAlgoPerf());
                JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                        handle, x, weight, convolution, y, list.length, found, list);
                yield Arrays.stream(list, 0, found[0]).map(a -> new Algorithm(a.algo, a.status, a.determinism));
            }
            case BACKWARD_DATA -> {
                var list = new cudnnConvolutionBwdDataAlgoPerf[ALGORITHMS_ASKED_FOR];
                Arrays.setAll(list, i -> new cudnnConvolutionBwdDataAlgoPerf());
                JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                        handle, weight, y, convolution, x, list.length, found, list);
                yield Arrays.stream(list, 0, found[0]).map(a -> new Algorithm(a.algo, a.status, a.determinism));
            }
            case BACKWARD_WEIGHTS -> {
                var list = new cudnnConvolutionBwdFilterAlgoPerf[ALGORITHMS_ASKED_FOR];
                Arrays.setAll(list, i -> new cudnnConvolutionBwdFilterAlgoPerf());
                JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                        handle, x, y, convolution, weight, list.length, found, list);
                yield Arrays.stream(list, 0, found[0]).map(a -> new Algorithm(a.algo, a.status, a.determinism));
            }
        };
    }

    /** Device memory that {@link #run} needs besides. */
    long workspaceBytes() {
        return workspaceBytes;
    }

    /**
     * Computes the direction's result from the two others of x, weight and y (or their gradients), all device
     * addresses.
     *
     * @param accumulate adds to what the result holds
     * @throws CudaException with cuDNN's status
     */
    void run(long xAt, long weightAt, long yAt, long workspace, boolean accumulate) {
        Pointer beta = accumulate ? ONE : ZERO;
        Pointer xs = DevicePointer.of(xAt);
        Pointer ws = DevicePointer.of(weightAt);
        Pointer ys = DevicePointer.of(yAt);
        Pointer space = DevicePointer.of(workspace);
        switch (problem.direction) {
            case FORWARD ->
                JCudnn.cudnnConvolutionForward(
                        handle, ONE, x, xs, weight, ws, convolution, algorithm, space, workspaceBytes, beta, y, ys);
            case BACKWARD_DATA ->
                JCudnn.cudnnConvolutionBackwardData(
                        handle, ONE, weight, ws, y, ys, convolution, algorithm, space, workspaceBytes, beta, x, xs);
            case BACKWARD_WEIGHTS ->
                JCudnn.cudnnConvolutionBackwardFilter(
                        handle, ONE, x, xs, y, ys, convolution, algorithm, space, workspaceBytes, beta, weight, ws);
        }
    }

    @Override
    public void close() {
        JCudnn.cudnnDestroyConvolutionDescriptor(convolution);
        JCudnn.cudnnDestroyFilterDescriptor(weight);
        JCudnn.cudnnDestroyTensorDescriptor(y);
        JCudnn.cudnnDestroyTensorDescriptor(x);
    }
}
