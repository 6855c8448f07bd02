package io.diffusionad.nn;

import io.diffusionad.nn.ParameterStore.Slab;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.reference.ReferenceDevice;

import java.util.function.DoubleSupplier;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Compares backward passes on the float64 reference device with central differences of the loss along random
 * directions.
 */
final class DirectionalDerivative {
    /**
     * Length of the step: large against float64's rounding, small against the distance to the next kink of ReLU or
     * maximum.
     */
    private static final double STEP_LENGTH = 1e-6;

    private DirectionalDerivative() {}

    /** Along a random direction in one tensor; @param gradient what the backward pass says */
    static void check(
            String what, ReferenceDevice device, Tensor tensor, double[] gradient, long stream, DoubleSupplier loss) {
        double[] original = device.read(tensor);
        double[] direction = random(original.length, stream);
        double expected = 0;
        for (int i = 0; i < original.length; i++) {
            expected += gradient[i] * direction[i];
        }
        double step = STEP_LENGTH / Math.sqrt(original.length);
        double above = moved(device, tensor, original, direction, step, loss);
        double below = moved(device, tensor, original, direction, -step, loss);
        device.write(tensor, original);
        assertEquals(
                (above - below) / (2 * step),
                expected,
                1e-5 * (1 + Math.abs(expected)),
                () -> what + ", direction " + stream);
    }

    /** Along a random direction in all parameters together, and in every seventh by itself. */
    static void checkParameters(ReferenceDevice device, ParameterStore store, DoubleSupplier loss) {
        Tensor slab = store.slab(Slab.VALUES);
        check("all parameters", device, slab, device.read(store.slab(Slab.GRADIENTS)), 1, loss);
        int position = 0;
        for (String name : store.trainableNames()) {
            if (position++ % 7 == 0) {
                check(
                        name,
                        device,
                        store.weight(name).value(),
                        device.read(store.gradient(name)),
                        100 + position,
                        loss);
            }
        }
    }

    static double[] random(int count, long stream) {
        PhiloxRandom random = new PhiloxRandom(7, Purpose.TEST, stream);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = 2 * random.nextDouble() - 1;
        }
        return values;
    }

    private static double moved(
            ReferenceDevice device,
            Tensor tensor,
            double[] original,
            double[] direction,
            double step,
            DoubleSupplier loss) {
        double[] values = original.clone();
        for (int i = 0; i < values.length; i++) {
            values[i] += step * direction[i];
        }
        device.write(tensor, values);
        return loss.getAsDouble();
    }
}
