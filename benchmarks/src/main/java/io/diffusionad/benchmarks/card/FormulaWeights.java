package io.diffusionad.benchmarks.card;

import io.diffusionad.nn.ParameterStore;

/**
 * Weights that two programs can agree on without a file: every value follows from the parameter's position in the state dictionary and its flat index
 * (SplitMix64), scaled by fan-in. {@code benchmarks/peers/networks.py} has the same function.
 */
final class FormulaWeights {
    /** Position of the input images, past all parameters. */
    static final int IMAGES = 8000;

    private FormulaWeights() { }

    /** Uniform in [-1, 1). */
    static double value(long position, long index) {
        long x = (position << 40) + index + 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        x = x ^ (x >>> 31);
        return (x >>> 11) * 0x1p-53 * 2 - 1;
    }

    static void fill(ParameterStore store) {
        int position = 0;
        for (String name : store.names()) {
            int[] shape = store.referenceShape(name);
            if (shape.length > 0) {
                store.importReference(name, values(name, shape, position));
            }
            position++;
        }
    }

    private static float[] values(String name, int[] shape, int position) {
        int count = 1;
        for (int dim : shape) {
            count *= dim;
        }
        double offset = 0;
        double scale = 0.05;
        if (shape.length >= 2) {
            scale = Math.sqrt(3.0 / (count / shape[0]));
        } else if (name.endsWith("running_mean")) {
            scale = 0.1;
        } else if (name.endsWith("running_var")) {
            offset = 1;
            scale = 0.5;
        } else if (name.endsWith("weight")) {
            offset = 1;
            scale = 0.1;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (offset + scale * value(position, i));
        }
        return values;
    }
}
