package io.diffusionad.nn;

import io.diffusionad.ops.Activation;
import io.diffusionad.tensor.Tensor;

/**
 * From timesteps to what the residual blocks add: sinusoids, Linear, SiLU, Linear; and the SiLU with which every block
 * begins, done once.
 */
final class TimeEmbedding {
    private final Linear first;
    private final Linear second;
    private final int sinusoids;

    private record Saved(
            Tensor waves, // (N, base)
            Tensor hidden, // (N, 4·base), before SiLU
            Tensor activated, // (N, 4·base)
            Tensor embedding) { // (N, 4·base), before SiLU
    }

    TimeEmbedding(ParameterDeclarations parameters, String name, UNetConfig config) {
        sinusoids = config.baseChannels();
        first = Linear.declare(parameters, name + ".1", sinusoids, config.timeChannels());
        second = Linear.declare(parameters, name + ".3", config.timeChannels(), config.timeChannels());
    }

    /** @param time (N, 4·base) float32 out: SiLU of the embedding; @param t (N) int64 */
    void forward(Pass pass, Tensor time, Tensor t) {
        pass.label("time_embedding");
        int n = t.dim(0);
        try (var temporaries = pass.temporaries()) {
            Tensor waves = pass.float32(n, sinusoids);
            pass.ops().timestepEmbedding(waves, t);
            Tensor hidden = pass.float32(n, first.outputs());
            first.forward(pass, hidden, waves);
            Tensor activated = pass.float32(n, first.outputs());
            pass.ops().activationForward(activated, hidden, Activation.SILU);
            Tensor embedding = pass.float32(n, second.outputs());
            second.forward(pass, embedding, activated);
            pass.probe("time_embedding", embedding);
            pass.ops().activationForward(time, embedding, Activation.SILU);
            pass.save(this, new Saved(waves, hidden, activated, embedding));
        }
    }

    /** @param dtime (N, 4·base): destroyed */
    void backward(Pass pass, Tensor dtime) {
        pass.label("time_embedding");
        Saved saved = pass.restore(this, Saved.class);
        pass.ops().activationBackward(dtime, dtime, saved.embedding, Activation.SILU);
        second.backwardParameters(pass, dtime, saved.activated);
        try (var scratch = pass.scratch()) {
            Tensor dhidden = pass.flowFloat32(saved.hidden.dims());
            second.backwardData(pass, dhidden, dtime, false);
            pass.ops().activationBackward(dhidden, dhidden, saved.hidden, Activation.SILU);
            first.backwardParameters(pass, dhidden, saved.waves);
        }
    }
}
