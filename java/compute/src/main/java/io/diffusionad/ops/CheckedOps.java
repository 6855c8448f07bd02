package io.diffusionad.ops;

import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Checks every call before the device sees it: shapes and types, operands that are still owned, outputs that overlap
 * nothing; and, on demand, that no result holds NaN or infinity. A broken rule throws {@link OpException} that names
 * operation, operands and layer.
 */
public final class CheckedOps extends DescribedOps {
    private final Ops device;
    private final Function<Tensor, float[]> values;
    private String layer = "";

    private CheckedOps(Ops device, Function<Tensor, float[]> values) {
        this.device = device;
        this.values = values;
    }

    /** Checks operands only; costs microseconds a call. */
    public static CheckedOps operands(Ops device) {
        return new CheckedOps(device, null);
    }

    /**
     * Checks operands, and that every floating-point result is finite; copies every result to Java, for hunting down
     * where a NaN begins.
     *
     * @param values reads a tensor's elements after waiting for the device
     */
    public static CheckedOps finite(Ops device, Function<Tensor, float[]> values) {
        return new CheckedOps(device, values);
    }

    @Override
    public void layer(String name) {
        layer = name;
        device.layer(name);
    }

    @Override
    protected void perform(OperationCall call, Consumer<Ops> action) {
        call.checkLive();
        call.checkAliasing();
        action.accept(device);
        if (values != null) {
            call.outputs().stream()
                    .filter(output -> output.dtype() != DType.UINT8)
                    .forEach(output -> checkFinite(call, output));
        }
    }

    private void checkFinite(OperationCall call, Tensor output) {
        float[] elements = values.apply(output);
        for (int i = 0; i < elements.length; i++) {
            if (!Float.isFinite(elements[i])) {
                throw new OpException(call + (layer.isEmpty() ? "" : " in layer " + layer) + ": element " + i
                        + " of the result " + output + " is " + elements[i]);
            }
        }
    }
}
