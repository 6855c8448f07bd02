package io.diffusionad.nn;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Collects a network's parameters, in the order of the reference's {@code state_dict}, while its layers are
 * constructed; then becomes a store.
 */
final class ParameterDeclarations {
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();

    /** A weight (K, C, kernel, kernel). */
    Parameter convolution(String name, int outputs, int inputs, int kernel, Parameter.Start start) {
        return add(new Parameter(
                name, new int[] {outputs, inputs, kernel, kernel}, true, start, inputs * kernel * kernel, true));
    }

    /** The 1x1 convolution of an attention block, which the reference stores as (K, C, 1). */
    Parameter convolution1d(String name, int outputs, int inputs, Parameter.Start start) {
        return add(new Parameter(name, new int[] {outputs, inputs, 1}, true, start, inputs, true));
    }

    /** A weight (K, C). */
    Parameter linear(String name, int outputs, int inputs) {
        return add(new Parameter(name, new int[] {outputs, inputs}, false, Parameter.Start.UNIFORM, inputs, true));
    }

    /** A bias, or the scale or shift of a norm; {@code fanIn} matters to uniform starts only. */
    Parameter vector(String name, int size, Parameter.Start start, int fanIn) {
        return add(new Parameter(name, new int[] {size}, false, start, fanIn, true));
    }

    /** A running statistic: saved with the weights, not trained. */
    Parameter statistic(String name, int size, Parameter.Start start) {
        return add(new Parameter(name, new int[] {size}, false, start, 0, false));
    }

    /** The count of training batches that a batch normalisation has seen: a scalar. */
    void batchCounter(String name) {
        add(new Parameter(name, new int[0], false, Parameter.Start.ZERO, 0, false));
    }

    Map<String, Parameter> parameters() {
        return parameters;
    }

    private Parameter add(Parameter parameter) {
        if (parameters.put(parameter.name(), parameter) != null) {
            throw new IllegalStateException("parameter " + parameter.name() + " is declared twice");
        }
        return parameter;
    }
}
