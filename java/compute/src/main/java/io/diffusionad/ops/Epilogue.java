package io.diffusionad.ops;

import io.diffusionad.tensor.Tensor;

/**
 * What a convolution adds before it writes: {@code y = activation(conv + bias[k] + channelBias[n][k] + residual)}. Any
 * tensor may be null.
 *
 * @param bias (K) float32
 * @param channelBias (N, K) float32, one number a sample and channel: the projected time embedding
 * @param residual (N, P, Q, K) of y's type; may be y itself, which accumulates
 */
public record Epilogue(Tensor bias, Tensor channelBias, Tensor residual, Activation activation) {
    public static final Epilogue NONE = new Epilogue(null, null, null, Activation.NONE);

    public static Epilogue bias(Tensor bias) {
        return new Epilogue(bias, null, null, Activation.NONE);
    }

    public Epilogue withChannelBias(Tensor perSample) {
        return new Epilogue(bias, perSample, residual, activation);
    }

    public Epilogue withResidual(Tensor added) {
        return new Epilogue(bias, channelBias, added, activation);
    }

    public Epilogue withActivation(Activation function) {
        return new Epilogue(bias, channelBias, residual, function);
    }
}
