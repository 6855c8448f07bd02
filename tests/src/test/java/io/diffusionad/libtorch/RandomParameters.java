package io.diffusionad.libtorch;

import io.diffusionad.nn.ParameterStore;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import io.diffusionad.tensor.Tensor;
import io.diffusionad.testkit.Values;

/** Parameters that are all random, zero-initialised ones too, so that every path carries signal. */
final class RandomParameters {
    private RandomParameters() {}

    static void fill(ParameterStore store) {
        int position = 0;
        for (String name : store.names()) {
            if (!store.isBatchCounter(name)) {
                PhiloxRandom random = new PhiloxRandom(3, Purpose.TEST, position++);
                int[] shape = store.referenceShape(name);
                double fanIn = (double) Tensor.elements(shape) / shape[0];
                Values values = name.endsWith("running_var")
                        ? Values.uniform(0.5, 2)
                        : shape.length > 1
                                ? Values.normal(1 / Math.sqrt(fanIn))
                                : name.endsWith(".weight") ? Values.normalAround(1, 0.1) : Values.normal(0.1);
                float[] filled = new float[(int) Tensor.elements(shape)];
                for (int i = 0; i < filled.length; i++) {
                    filled[i] = (float) values.next(random);
                }
                store.importReference(name, filled);
            }
        }
    }
}
