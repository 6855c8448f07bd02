package io.diffusionad.testkit;

import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.DType;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.Operand.Role;
import io.diffusionad.testkit.reference.ReferenceDevice;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Compares a backward call with central differences of {@code Σ dy·y} of a forward call, in float64. Inputs NAME get a
 * gradient operand dNAME (zero before), the output {@code y} a gradient {@code dy}.
 */
final class GradientCheck {
    private static final double STEP = 1e-5;
    /** Truncation of order STEP², rounding of order 1e-16 / STEP. */
    private static final double RELATIVE_ERROR = 1e-7;

    private static final int ELEMENTS_CHECKED = 24;

    private final String name;
    private final List<Operand> operands = new ArrayList<>();
    private final List<String> differentiated = new ArrayList<>();
    private double[] outputWeights;
    private OperationCase.Call forward;
    private OperationCase.Call backward;

    GradientCheck(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** An input whose gradient is checked. */
    GradientCheck input(String operand, Values values, int... shape) {
        differentiated.add(operand);
        operands.add(new Operand(operand, Role.INPUT, Kind.FLOAT32, shape, values));
        operands.add(new Operand("d" + operand, Role.UPDATED, Kind.FLOAT32, shape, Values.constant(0)));
        return this;
    }

    GradientCheck constant(String operand, Values values, int... shape) {
        operands.add(new Operand(operand, Role.INPUT, Kind.FLOAT32, shape, values));
        return this;
    }

    GradientCheck output(String operand, int... shape) {
        operands.add(new Operand(operand, Role.OUTPUT, Kind.FLOAT32, shape, Values.constant(Double.NaN)));
        operands.add(new Operand("d" + operand, Role.INPUT, Kind.FLOAT32, shape, Values.normal(1)));
        return this;
    }

    /** Fixes dy, where the operation has weights of its own for its outputs. */
    GradientCheck outputWeights(double... weights) {
        outputWeights = weights;
        return this;
    }

    /** Written by the forward call for the backward one. */
    GradientCheck saved(String operand, int... shape) {
        operands.add(new Operand(operand, Role.UPDATED, Kind.FLOAT32, shape, Values.constant(1)));
        return this;
    }

    GradientCheck forward(OperationCase.Call call) {
        forward = call;
        return this;
    }

    GradientCheck backward(OperationCase.Call call) {
        backward = call;
        return this;
    }

    void run(long seed) {
        ReferenceDevice device = ReferenceDevice.exact();
        Map<String, double[]> values = new HashMap<>();
        IntStream.range(0, operands.size())
                .forEach(i -> values.put(
                        operands.get(i).name(),
                        operands.get(i).values().fill(operands.get(i).elements(), seed, i)));
        try (PlacedOperands placed = PlacedOperands.place(device, operands, values, DType.FLOAT32)) {
            if (outputWeights != null) {
                device.write(placed.tensor("dy"), outputWeights);
            }
            forward.run(device.ops(), placed);
            backward.run(device.ops(), placed);
            Map<String, double[]> gradients = new HashMap<>();
            differentiated.forEach(operand -> gradients.put(operand, placed.read("d" + operand)));
            for (String operand : differentiated) {
                checkGradient(device, placed, operand, gradients.get(operand), seed);
            }
        }
    }

    private void checkGradient(
            ReferenceDevice device, PlacedOperands placed, String operand, double[] gradient, long seed) {
        PhiloxRandom random = new PhiloxRandom(seed, Purpose.TEST, -1);
        for (int check = 0; check < ELEMENTS_CHECKED; check++) {
            int element = random.nextInt(gradient.length);
            double above = objective(device, placed, operand, element, STEP);
            double below = objective(device, placed, operand, element, -STEP);
            double numerical = (above - below) / (2 * STEP);
            double error = Math.abs(gradient[element] - numerical);
            if (!(error <= RELATIVE_ERROR * (1 + Math.abs(numerical)))) {
                throw new AssertionError("%s: derivative by %s[%d] is %.12g, numerically %.12g (seed %d)"
                        .formatted(name, operand, element, gradient[element], numerical, seed));
            }
        }
    }

    /** The objective with one element moved by {@code step}, which is then moved back. */
    private double objective(ReferenceDevice device, PlacedOperands placed, String operand, int element, double step) {
        double[] original = placed.read(operand);
        double[] moved = original.clone();
        moved[element] += step;
        device.write(placed.tensor(operand), moved);
        forward.run(device.ops(), placed);
        device.write(placed.tensor(operand), original);
        double[] y = placed.read("y");
        double[] dy = placed.read("dy");
        return IntStream.range(0, y.length).mapToDouble(i -> y[i] * dy[i]).sum();
    }
}
