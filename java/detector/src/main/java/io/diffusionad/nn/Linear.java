package io.diffusionad.nn;

import io.diffusionad.tensor.Tensor;

/** A small float32 layer {@code y = x·wᵀ + bias} of the time embedding. */
final class Linear {
    private final Parameter weight; // (K, C)
    private final Parameter bias; // (K)

    private Linear(Parameter weight, Parameter bias) {
        this.weight = weight;
        this.bias = bias;
    }

    static Linear declare(ParameterDeclarations parameters, String name, int inputs, int outputs) {
        return new Linear(
                parameters.linear(name + ".weight", outputs, inputs),
                parameters.vector(name + ".bias", outputs, Parameter.Start.UNIFORM, inputs));
    }

    int outputs() {
        return weight.referenceShape()[0];
    }

    void forward(Pass pass, Tensor y, Tensor x) {
        pass.ops().linearForward(y, x, weight.weight(), bias.value());
    }

    void backwardParameters(Pass pass, Tensor dy, Tensor x) {
        pass.ops().linearBackwardWeights(weight.gradient(), bias.gradient(), dy, x);
    }

    void backwardData(Pass pass, Tensor dx, Tensor dy, boolean accumulate) {
        pass.ops().linearBackwardData(dx, dy, weight.weight(), accumulate);
    }
}
