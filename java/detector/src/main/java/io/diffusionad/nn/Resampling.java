package io.diffusionad.nn;

import io.diffusionad.ops.Resample;
import io.diffusionad.tensor.Tensor;

/**
 * Change of resolution of the variant without residual up and down blocks: a convolution of stride 2, or nearest 2x and
 * a convolution.
 */
final class Resampling implements Layer {
    private final String name;
    private final Convolution convolution;
    private final boolean up;

    private record Saved(Tensor input) { // what the convolution read: (N, H, W, C), or (N, 2H, 2W, C) going up
    }

    private Resampling(String name, Convolution convolution, boolean up) {
        this.name = name;
        this.convolution = convolution;
        this.up = up;
    }

    static Resampling down(ParameterDeclarations parameters, String name, int channels) {
        return new Resampling(
                name, Convolution.declare(parameters, name + ".downsample", channels, channels, 3, 2), false);
    }

    static Resampling up(ParameterDeclarations parameters, String name, int channels) {
        return new Resampling(name, Convolution.declare(parameters, name + ".conv", channels, channels, 3, 1), true);
    }

    @Override
    public int[] outputShape(int... in) {
        return new int[] {
            in[0], up ? 2 * in[1] : convolution.outputSize(in[1]), up ? 2 * in[2] : convolution.outputSize(in[2]), in[3]
        };
    }

    @Override
    public boolean backwardsInPlace() {
        return false;
    }

    @Override
    public void forward(Pass pass, Tensor y, Tensor x, Tensor time) {
        pass.label(name);
        try (var temporaries = pass.temporaries()) {
            Tensor input = x;
            if (up) {
                input = pass.tensor(y.dims());
                pass.ops().resampleForward(input, x, Resample.UP);
            }
            convolution.forward(pass, y, input);
            pass.save(this, new Saved(input));
        }
    }

    @Override
    public void backward(Pass pass, Tensor dx, Tensor dy, Tensor dtime) {
        pass.label(name);
        Saved saved = pass.restore(this, Saved.class);
        convolution.backwardParameters(pass, dy, saved.input, null);
        if (!up) {
            convolution.backwardData(pass, dx, dy);
            return;
        }
        try (var scratch = pass.scratch()) {
            Tensor dinput = pass.flow(saved.input.dims());
            convolution.backwardData(pass, dinput, dy);
            pass.ops().resampleBackward(dx, dinput, Resample.UP, false);
        }
    }
}
