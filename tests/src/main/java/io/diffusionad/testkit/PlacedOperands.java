package io.diffusionad.testkit;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.tensor.Weight;
import io.diffusionad.testkit.reference.ReferenceDevice;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The operands of a case in a device's memory, each between guards: activations are a slice of a batch with a sample of
 * NaN before and behind (so their alignment is that of a micro-batch), parameters lie in a slab. Reading a guard makes
 * NaN, writing one is found afterwards.
 */
public final class PlacedOperands implements AutoCloseable {
    private static final int SLAB_LEAD = 64; // parameters start at multiples of 256 bytes in their slab
    private static final int SLAB_TAIL = 64;

    /** @param lead elements of the guard before, and {@code whole}, the operand with its guards, as a flat tensor */
    private record Placed(Operand operand, Tensor whole, int lead, Tensor tensor, Weight weight) {}

    private final Device device;
    private final Arena arena;
    private final Map<String, Placed> placed = new LinkedHashMap<>();

    private PlacedOperands(Device device) {
        this.device = device;
        this.arena = device.newArena("operands");
    }

    /** Allocates and fills every operand on a device; {@link #close} frees them. */
    public static PlacedOperands place(
            Device device, List<Operand> operands, Map<String, double[]> values, DType precision) {
        PlacedOperands all = unfilled(device, operands, precision);
        all.placed.forEach((name, p) -> all.fill(p, values.get(name)));
        return all;
    }

    /** Allocates every operand and leaves its contents, and its guards', undefined: to plan with, or to fill later. */
    public static PlacedOperands unfilled(Device device, List<Operand> operands, DType precision) {
        PlacedOperands all = new PlacedOperands(device);
        for (Operand operand : operands) {
            boolean slab = operand.kind() == Operand.Kind.PARAMETER;
            int perSample = operand.elements() / operand.shape()[0];
            int lead = slab ? SLAB_LEAD : perSample;
            int tail = slab ? SLAB_TAIL : perSample;
            Tensor whole = all.arena.tensor(operand.kind().type(precision), lead + operand.elements() + tail);
            Tensor tensor = whole.view(lead, operand.shape());
            Weight weight = tensor.dtype() == DType.FLOAT32 ? new Weight(operand.name(), tensor) : null;
            all.placed.put(operand.name(), new Placed(operand, whole, lead, tensor, weight));
        }
        return all;
    }

    private void fill(Placed p, double[] values) {
        double[] contents = new double[(int) p.whole().elements()];
        Arrays.fill(contents, guard(p.whole().dtype()));
        System.arraycopy(values, 0, contents, p.lead(), values.length);
        write(p.whole(), contents);
    }

    public Tensor tensor(String name) {
        return find(name).tensor();
    }

    public Weight weight(String name) {
        return find(name).weight();
    }

    /** All elements of an operand; a reference device's without rounding. */
    public double[] read(String name) {
        return read(find(name).tensor());
    }

    /** @throws AssertionError naming the first guard or read-only operand that is not as it was placed */
    void checkUntouched(String what, Map<String, double[]> before) {
        for (Placed p : placed.values()) {
            double[] contents = read(p.whole());
            double[] expected = new double[contents.length];
            Arrays.fill(expected, guard(p.whole().dtype()));
            double[] inner = p.operand().role().isWritten()
                    ? read(p.tensor())
                    : before.get(p.operand().name());
            System.arraycopy(inner, 0, expected, p.lead(), inner.length);
            int at = Arrays.mismatch(contents, expected);
            if (at >= 0) {
                boolean guard = at < p.lead() || at >= p.lead() + inner.length;
                throw new AssertionError(what + ": " + (guard ? "memory outside" : "the read-only") + " operand "
                        + p.operand().name() + " " + p.tensor() + " was changed at element " + (at - p.lead()) + ": "
                        + expected[at] + " became " + contents[at]);
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private static double guard(DType type) {
        return switch (type) {
            case FLOAT32, BFLOAT16 -> Double.NaN;
            case INT64 -> Integer.MIN_VALUE;
            case UINT8 -> 255;
        };
    }

    private Placed find(String name) {
        Placed found = placed.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no operand '" + name + "' among " + placed.keySet());
        }
        return found;
    }

    private double[] read(Tensor tensor) {
        if (device instanceof ReferenceDevice reference) {
            return reference.read(tensor);
        }
        if (tensor.dtype() == DType.INT64) {
            ByteBuffer longs = ByteBuffer.allocateDirect((int) tensor.bytes()).order(ByteOrder.nativeOrder());
            device.download(longs, tensor);
            return IntStream.range(0, (int) tensor.elements())
                    .mapToDouble(i -> longs.getLong(8 * i))
                    .toArray();
        }
        float[] floats = Transfers.toFloats(device, tensor);
        return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
    }

    private void write(Tensor tensor, double[] values) {
        if (tensor.dtype() == DType.INT64) {
            Transfers.upload(
                    device,
                    tensor,
                    Arrays.stream(values).mapToLong(v -> (long) v).toArray());
            return;
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        Transfers.upload(device, tensor, floats);
    }
}
