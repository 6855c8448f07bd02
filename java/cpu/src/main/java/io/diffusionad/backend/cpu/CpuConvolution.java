package io.diffusionad.backend.cpu;

import io.diffusionad.ops.Conv2d;
import io.diffusionad.ops.ConvolutionOps;
import io.diffusionad.ops.Epilogue;
import io.diffusionad.ops.Quantization;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;

import java.util.IdentityHashMap;
import java.util.Map;

import static io.diffusionad.backend.cpu.Operands.address;
import static io.diffusionad.backend.cpu.Operands.bytes;
import static io.diffusionad.backend.cpu.Operands.exactly;
import static io.diffusionad.backend.cpu.Operands.floats;
import static io.diffusionad.backend.cpu.Operands.image;
import static io.diffusionad.backend.cpu.Operands.like;
import static io.diffusionad.backend.cpu.Operands.optionalFloats;
import static io.diffusionad.backend.cpu.Operands.require;
import static io.diffusionad.backend.cpu.Operands.type;

/**
 * Convolutions through oneDNN and our own Winograd loops; packed weights live as long as the arena of the parameter
 * they were made from. A weight that may be released is, after the first forward call that leaves packed copies of all
 * of it, or puts another form of it into its place.
 */
final class CpuConvolution implements ConvolutionOps {
    private static final String FORWARD = "conv2dForward";
    private static final String FORWARD_QUANTIZED = "conv2dForwardQuantized";
    private static final String FORWARD_ROUNDED = "conv2dForwardRounded";
    private static final String BACKWARD_DATA = "conv2dBackwardData";
    private static final String BACKWARD_WEIGHTS = "conv2dBackwardWeights";
    /** A mixed call is a network's stem or last layer: at most this many channels on the float32 side. */
    private static final int MIXED_CHANNELS = 8;
    /** In place of the address of released values. */
    private static final long RELEASED = 0;

    private static final Quantization UNQUANTIZED = new Quantization(1f, 0);

    private final CpuHandle handle;
    private final Map<Weight, Long> weightIds = new IdentityHashMap<>();
    private long nextWeightId = 1;

    CpuConvolution(CpuHandle handle) {
        this.handle = handle;
    }

    @Override
    public void conv2dForward(Tensor y, Tensor x, Weight w, Epilogue epilogue, Conv2d geometry) {
        checkTypes(FORWARD, y, x);
        forward(FORWARD, y, x, UNQUANTIZED, w, epilogue, geometry);
    }

    /** As {@code QuantizedOps} describes it. */
    void conv2dForwardQuantized(
            Tensor y, Tensor x, Quantization quantization, Weight w, Epilogue epilogue, Conv2d geometry) {
        image(FORWARD_QUANTIZED, "y", y);
        bytes(FORWARD_QUANTIZED, "x", x);
        forward(FORWARD_QUANTIZED, y, x, quantization, w, epilogue, geometry);
    }

    /** As {@code QuantizedOps} describes it. */
    void conv2dForwardRounded(Tensor y, Tensor x, Tensor xTail, Weight w, Tensor bias) {
        image(FORWARD_ROUNDED, "x", x);
        exactly(FORWARD_ROUNDED, "y", y, x.dtype(), x.dim(0), x.dim(1), x.dim(2), y.dim(y.rank() - 1));
        int tailChannels = 0;
        if (xTail != null) {
            tailChannels = xTail.dim(xTail.rank() - 1);
            exactly(FORWARD_ROUNDED, "xTail", xTail, x.dtype(), x.dim(0), x.dim(1), x.dim(2), tailChannels);
        }
        exactly(FORWARD_ROUNDED, "w", w.value(), DType.FLOAT32, y.dim(3), 1, 1, x.dim(3) + tailChannels);
        floats(FORWARD_ROUNDED, "bias", bias, y.dim(3));
        require(
                FORWARD_ROUNDED,
                !w.isReleased(),
                "the weight's values were released after another algorithm had packed them; load the checkpoint again");
        forwardRounded(
                handle.address(),
                y.address(),
                x.address(),
                address(xTail),
                w.value().address(),
                bias.address(),
                x.elements() / x.dim(3),
                x.dim(3),
                tailChannels,
                y.dim(3),
                type(x));
    }

    private void forward(
            String operation,
            Tensor y,
            Tensor x,
            Quantization quantization,
            Weight w,
            Epilogue epilogue,
            Conv2d geometry) {
        Tensor values = w.value();
        checkShapes(operation, y, x, values, geometry);
        optionalFloats(operation, "bias", epilogue.bias(), y.dim(3));
        optionalFloats(operation, "channelBias", epilogue.channelBias(), (long) y.dim(0) * y.dim(3));
        if (epilogue.residual() != null) {
            like(operation, "residual", epilogue.residual(), y);
        }
        long id = idOf(w);
        try {
            forward(
                    handle.address(),
                    y.address(),
                    type(y),
                    x.address(),
                    type(x),
                    w.isReleased() ? RELEASED : values.address(),
                    id,
                    w.version(),
                    values.dim(3),
                    geometry.inputOffset(),
                    w.isReleasable(),
                    address(epilogue.bias()),
                    address(epilogue.channelBias()),
                    address(epilogue.residual()),
                    epilogue.activation().ordinal(),
                    x.dim(0),
                    x.dim(1),
                    x.dim(2),
                    x.dim(3),
                    y.dim(1),
                    y.dim(2),
                    y.dim(3),
                    geometry.kernel(),
                    geometry.stride(),
                    quantization.scale(),
                    quantization.zeroPoint());
        } finally {
            if (w.isReleasable()) {
                release(w, id);
            }
        }
    }

    private void release(Weight w, long id) {
        if (standsInPlace(handle.address(), id, w.version())) {
            w.handOver();
        } else if (canDoWithout(handle.address(), id, w.version(), w.value().dim(3))) {
            w.release();
        }
    }

    @Override
    public void conv2dBackwardData(Tensor dx, Tensor dy, Weight w, Conv2d geometry, boolean accumulate) {
        Tensor values = w.value();
        checkTypes(BACKWARD_DATA, dy, dx);
        checkShapes(BACKWARD_DATA, dy, dx, values, geometry);
        backwardData(
                handle.address(),
                dx.address(),
                type(dx),
                dy.address(),
                type(dy),
                values.address(),
                idOf(w),
                w.version(),
                values.dim(3),
                geometry.inputOffset(),
                accumulate,
                dx.dim(0),
                dx.dim(1),
                dx.dim(2),
                dx.dim(3),
                dy.dim(1),
                dy.dim(2),
                dy.dim(3),
                geometry.kernel(),
                geometry.stride());
    }

    @Override
    public void conv2dBackwardWeights(Tensor dw, Tensor dbias, Tensor dy, Tensor x, Conv2d geometry) {
        checkTypes(BACKWARD_WEIGHTS, dy, x);
        checkShapes(BACKWARD_WEIGHTS, dy, x, dw, geometry);
        optionalFloats(BACKWARD_WEIGHTS, "dbias", dbias, dy.dim(3));
        backwardWeights(
                handle.address(),
                dw.address(),
                dw.dim(3),
                geometry.inputOffset(),
                address(dbias),
                dy.address(),
                type(dy),
                x.address(),
                type(x),
                x.dim(0),
                x.dim(1),
                x.dim(2),
                x.dim(3),
                dy.dim(1),
                dy.dim(2),
                dy.dim(3),
                geometry.kernel(),
                geometry.stride());
    }

    /**
     * One line for every convolution shape that oneDNN has met so far, ending in the name of the implementation that it
     * chose.
     */
    String implementations() {
        return implementations(handle.address());
    }

    private long idOf(Weight w) {
        Long known = weightIds.get(w);
        if (known != null) {
            return known;
        }
        long id = nextWeightId++;
        weightIds.put(w, id);
        w.value().owner().onClose(() -> {
            weightIds.remove(w);
            if (handle.isOpen()) {
                forget(handle.address(), id);
            }
        });
        return id;
    }

    private static void checkShapes(String operation, Tensor y, Tensor x, Tensor w, Conv2d geometry) {
        floats(operation, "w", w, Tensor.elements(y.dim(3), geometry.kernel(), geometry.kernel(), w.dim(w.rank() - 1)));
        require(
                operation,
                w.rank() == 4 && w.dim(3) >= geometry.inputOffset() + x.dim(3),
                "weight %s has no channels %d to %d",
                w,
                geometry.inputOffset(),
                geometry.inputOffset() + x.dim(3));
        require(
                operation,
                y.dim(0) == x.dim(0)
                        && y.dim(1) == geometry.outputSize(x.dim(1))
                        && y.dim(2) == geometry.outputSize(x.dim(2)),
                "y %s does not belong to x %s under %s",
                y,
                x,
                geometry);
    }

    private static void checkTypes(String operation, Tensor y, Tensor x) {
        image(operation, "x", x);
        image(operation, "y", y);
        boolean mixedFits = x.dtype() == y.dtype() || (x.dtype() == DType.FLOAT32 ? x : y).dim(3) <= MIXED_CHANNELS;
        require(
                operation,
                mixedFits,
                "x %s and y %s may differ in type only where the float32 one has at most %d channels",
                x,
                y,
                MIXED_CHANNELS);
    }

    private static native void forward(
            long context,
            long y,
            int yType,
            long x,
            int xType,
            long weight,
            long weightId,
            long weightVersion,
            int weightChannels,
            int offset,
            boolean givenUp,
            long bias,
            long channelBias,
            long residual,
            int activation,
            int n,
            int h,
            int w,
            int c,
            int p,
            int q,
            int k,
            int kernel,
            int stride,
            float step,
            int zeroPoint);

    private static native void forwardRounded(
            long context,
            long y,
            long x,
            long xTail,
            long weight,
            long bias,
            long pixels,
            int c,
            int tailChannels,
            int k,
            int type);

    private static native void backwardData(
            long context,
            long dx,
            int dxType,
            long dy,
            int dyType,
            long weight,
            long weightId,
            long weightVersion,
            int weightChannels,
            int offset,
            boolean accumulate,
            int n,
            int h,
            int w,
            int c,
            int p,
            int q,
            int k,
            int kernel,
            int stride);

    private static native void backwardWeights(
            long context,
            long dw,
            int channels,
            int offset,
            long dbias,
            long dy,
            int dyType,
            long x,
            int xType,
            int n,
            int h,
            int w,
            int c,
            int p,
            int q,
            int k,
            int kernel,
            int stride);

    private static native void forget(long context, long weightId);

    /** Whether packed copies serve every further forward call of the same types and image size. */
    private static native boolean canDoWithout(long context, long weightId, long weightVersion, int weightChannels);

    /** Whether the place of the plain values is taken by another form of them. */
    private static native boolean standsInPlace(long context, long weightId, long weightVersion);

    private static native String implementations(long context);
}
