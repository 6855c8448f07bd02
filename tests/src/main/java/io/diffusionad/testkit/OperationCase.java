package io.diffusionad.testkit;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.ops.OperationProfile;
import io.diffusionad.ops.Ops;
import io.diffusionad.plan.PlanningDevice;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.reference.ReferenceDevice;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One operation at one shape: its operands, how to call it, and how far a result may be from the exact one. The same
 * case serves the correctness tests of every device, the checks of the reference itself and the benchmarks.
 */
public final class OperationCase {
    /** An operation applied to operands. */
    @FunctionalInterface
    public interface Call {
        void run(Ops ops, PlacedOperands operands);
    }

    private final String operation;
    private final String variant;
    private final boolean float32Only;
    private final boolean largeConvolution;
    private final List<Operand> operands;
    private final Call preparation;
    private final Call call;

    private OperationCase(Builder builder, Call call) {
        this.operation = builder.operation;
        this.variant = builder.variant;
        this.float32Only = builder.float32Only;
        this.largeConvolution = builder.largeConvolution;
        this.operands = List.copyOf(builder.operands);
        this.preparation = builder.preparation;
        this.call = call;
    }

    public static Builder of(String operation, String variant) {
        return new Builder(operation, variant);
    }

    /** The method of {@link Ops}. */
    public String operation() {
        return operation;
    }

    /** Operation and shape, unique within the table. */
    public String name() {
        return operation + " " + variant;
    }

    public boolean isBackward() {
        return operation.contains("Backward") && !operation.contains("Forward");
    }

    /** Whether it belongs to int8 inference, which not every device has ({@link Device#computesInt8}). */
    public boolean isInt8() {
        return operation.endsWith("Quantized") || operation.endsWith("Rounded");
    }

    /**
     * Whether a device has it: int8 convolutions may be refused where the device gains nothing from them. One that
     * gains in the smallest takes all.
     */
    public boolean runsOn(Device device) {
        if (!isInt8()) {
            return true;
        }
        if (!device.computesInt8()
                || !operation.equals("conv2dForwardQuantized")
                || device.gainsFromInt8(DType.FLOAT32, 3, 1, 1, 1, 1)) {
            return device.computesInt8();
        }
        int[] x = shapeOf("x");
        int[] y = shapeOf("y");
        boolean asDescribed = shapeOf("w")[1] == 3 && x[1] == y[1] && x[2] == y[2];
        return asDescribed && device.gainsFromInt8(DType.FLOAT32, 3, y[1], y[2], x[3], y[3]);
    }

    private int[] shapeOf(String operand) {
        return operands.stream()
                .filter(o -> o.name().equals(operand))
                .findFirst()
                .orElseThrow()
                .shape();
    }

    /**
     * Whether it is a convolution of a size at which the CPU may turn to Winograd's algorithm: see {@link Tolerance}.
     */
    public boolean isLargeConvolution() {
        return largeConvolution;
    }

    public List<Operand> operands() {
        return operands;
    }

    /** float32, and bfloat16 where an operand takes the network's precision. */
    public List<DType> precisions() {
        return float32Only || operands.stream().noneMatch(o -> o.kind() == Operand.Kind.ACTIVATION)
                ? List.of(DType.FLOAT32)
                : List.of(DType.FLOAT32, DType.BFLOAT16);
    }

    /**
     * What every operand holds before the call, already rounded to its type, so that all devices start from the same
     * numbers.
     */
    public Map<String, double[]> inputs(DType precision, long seed) {
        Map<String, double[]> values = new LinkedHashMap<>();
        for (int i = 0; i < operands.size(); i++) {
            Operand operand = operands.get(i);
            double[] filled = operand.role().isRead()
                    ? operand.values().fill(operand.elements(), seed, i)
                    : Values.constant(Double.NaN).fill(operand.elements(), seed, i);
            values.put(operand.name(), rounded(filled, operand.kind().type(precision)));
        }
        if (preparation != null) {
            ReferenceDevice device = ReferenceDevice.exact();
            try (PlacedOperands placed = PlacedOperands.place(device, operands, values, precision)) {
                preparation.run(device.ops(), placed);
                operands.stream()
                        .filter(o -> o.role().isRead())
                        .forEach(o -> values.put(
                                o.name(),
                                rounded(
                                        device.read(placed.tensor(o.name())),
                                        o.kind().type(precision))));
            }
        }
        return values;
    }

    /**
     * Runs the operation on a device.
     *
     * @return the operands that it writes, by name
     * @throws AssertionError if anything else changed: an input, or memory before or behind an operand
     */
    public Map<String, double[]> run(Device device, Map<String, double[]> inputs, DType precision) {
        try (PlacedOperands placed = PlacedOperands.place(device, operands, inputs, precision)) {
            call.run(device.ops(), placed);
            device.synchronize();
            placed.checkUntouched(name(), inputs);
            Map<String, double[]> results = new LinkedHashMap<>();
            operands.stream()
                    .filter(o -> o.role().isWritten())
                    .forEach(o -> results.put(o.name(), placed.read(o.name())));
            return results;
        }
    }

    /** FLOP and bytes of one call, by the formulas that profiles use. */
    public OperationProfile.Entry cost(DType precision) {
        PlanningDevice device = new PlanningDevice();
        try (PlacedOperands placed = PlacedOperands.unfilled(device, operands, precision)) {
            call.run(device.ops(), placed);
            return device.profile().total();
        }
    }

    /** Calls the operation on operands that the caller placed, as a benchmark does, many times. */
    public void call(Ops ops, PlacedOperands placed) {
        call.run(ops, placed);
    }

    /**
     * Runs on {@code device} and compares every written operand with the exact result, by the rule of
     * {@link Tolerance}.
     */
    public void check(Device device, DType precision, long seed) {
        Map<String, double[]> inputs = inputs(precision, seed);
        check(run(device, inputs, precision), inputs, precision, seed);
    }

    /** Compares what a device made of {@code inputs}; the seed is for the message. */
    public void check(Map<String, double[]> results, Map<String, double[]> inputs, DType precision, long seed) {
        check(results, inputs, precision, seed, tolerance());
    }

    private Tolerance tolerance() {
        if (operation.endsWith("Rounded")) {
            return Tolerance.ROUNDED_WEIGHTS;
        }
        return isInt8() && largeConvolution
                ? Tolerance.WINOGRAD_INT8
                : isBackward() ? Tolerance.BACKWARD : Tolerance.FORWARD;
    }

    /** As above, for a device of which less is asked. */
    public void check(
            Map<String, double[]> results,
            Map<String, double[]> inputs,
            DType precision,
            long seed,
            Tolerance tolerance) {
        Map<String, double[]> exact = run(ReferenceDevice.exact(), inputs, precision);
        Map<String, double[]> naive = run(ReferenceDevice.naive(), inputs, precision);
        for (Operand operand : operands) {
            if (operand.role().isWritten()) {
                String what = name() + " " + precision + " output " + operand.name()
                        + " (reproduce with -Ddiffusionad.test.seed=" + seed + " -Ddiffusionad.test.case='" + name()
                        + "')";
                double[] actual = results.get(operand.name());
                if (operand.kind() == Operand.Kind.QUANTIZED) {
                    tolerance.checkSteps(what, actual, exact.get(operand.name()), naive.get(operand.name()));
                } else {
                    tolerance.check(
                            what,
                            actual,
                            exact.get(operand.name()),
                            naive.get(operand.name()),
                            operand.kind().type(precision));
                }
            }
        }
    }

    @Override
    public String toString() {
        return name();
    }

    private static double[] rounded(double[] values, DType type) {
        double[] rounded = values.clone();
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = switch (type) {
                case FLOAT32 -> (float) values[i];
                case BFLOAT16 -> Transfers.fromBfloat16(Transfers.toBfloat16((float) values[i]));
                case INT64, UINT8 -> Double.isNaN(values[i]) ? 0 : Math.rint(values[i]);
            };
        }
        return rounded;
    }

    /** Collects the operands in any order; {@link #run} finishes. */
    public static final class Builder {
        private final String operation;
        private final String variant;
        private final List<Operand> operands = new ArrayList<>();
        private boolean float32Only;
        private boolean largeConvolution;
        private Call preparation;

        private Builder(String operation, String variant) {
            this.operation = operation;
            this.variant = variant;
        }

        /** Read only; standard normal values. */
        public Builder in(String name, Operand.Kind kind, int... shape) {
            return in(name, kind, Values.normal(1), shape);
        }

        public Builder in(String name, Operand.Kind kind, Values values, int... shape) {
            operands.add(new Operand(name, Operand.Role.INPUT, kind, shape, values));
            return this;
        }

        public Builder out(String name, Operand.Kind kind, int... shape) {
            operands.add(new Operand(name, Operand.Role.OUTPUT, kind, shape, Values.constant(Double.NaN)));
            return this;
        }

        /** Written by the preparation, of no use to the operation itself. */
        public Builder scratch(String name, Operand.Kind kind, int... shape) {
            operands.add(new Operand(name, Operand.Role.SCRATCH, kind, shape, Values.constant(Double.NaN)));
            return this;
        }

        /** Read and written: an accumulated gradient, a residual that is the output. Standard normal values before. */
        public Builder updated(String name, Operand.Kind kind, int... shape) {
            return updated(name, kind, Values.normal(1), shape);
        }

        public Builder updated(String name, Operand.Kind kind, Values values, int... shape) {
            operands.add(new Operand(name, Operand.Role.UPDATED, kind, shape, values));
            return this;
        }

        /** Written, or added to when {@code accumulate}. */
        public Builder gradient(String name, Operand.Kind kind, boolean accumulate, int... shape) {
            return accumulate ? updated(name, kind, shape) : out(name, kind, shape);
        }

        /** The operation is defined for float32 activations alone. */
        public Builder float32Only() {
            float32Only = true;
            return this;
        }

        /** A convolution with pixels and channels enough for Winograd's algorithm. */
        public Builder largeConvolution(boolean large) {
            largeConvolution = large;
            return this;
        }

        /** A forward pass that makes some inputs (statistics, saved outputs); the exact reference runs it. */
        public Builder prepare(Call forward) {
            preparation = forward;
            return this;
        }

        public OperationCase run(Call call) {
            return new OperationCase(this, call);
        }
    }
}
