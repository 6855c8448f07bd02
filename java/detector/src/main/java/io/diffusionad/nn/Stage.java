package io.diffusionad.nn;

import io.diffusionad.tensor.Tensor;

import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the reference numbers as one block of the UNet, {@code down.3}, {@code middle} or {@code up.0}: layers one after
 * another. The first layer of an up block is a residual block over a pair: the activation and a skip connection.
 */
record Stage(String name, List<Layer> layers) {
    private record Saved(
            int[] inputShape, // (N, H, W, C)
            int[] skipShape) { // (N, H, W, C'), or null
    }

    /**
     * @param skip second part of the input, or null
     * @param persistent whether the result is read later too, as a skip connection, and so lies in the pass's main
     *     arena
     */
    Tensor forward(Pass pass, Tensor x, Tensor skip, Tensor time, boolean persistent) {
        Tensor h = x;
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            Tensor y = i > 0 && !pass.saving() && layer.forwardsInPlace()
                    ? h
                    : output(pass, layer.outputShape(h.dims()), persistent);
            if (i == 0 && skip != null) {
                ((ResidualBlock) layer).forward(pass, y, h, skip, time);
            } else {
                layer.forward(pass, y, h, time);
            }
            h = y;
            pass.keep(h);
        }
        pass.save(this, new Saved(x.dims(), skip == null ? null : skip.dims()));
        pass.probe(name, h);
        return h;
    }

    /**
     * @param dy gradient of the result, in a flow arena; destroyed
     * @param dtime gradient of the time embedding, added to
     * @param dskips where the gradient of the skip connection is pushed, in the main arena, if there was one
     * @return the gradient of x, in a flow arena
     */
    Tensor backward(Pass pass, Tensor dy, Tensor dtime, Deque<Tensor> dskips) {
        Saved saved = pass.restore(this, Saved.class);
        Tensor dh = dy;
        for (int i = layers.size() - 1; i >= 0; i--) {
            Layer layer = layers.get(i);
            Tensor dx = layer.backwardsInPlace() ? dh : pass.flow(shapeBefore(i, saved.inputShape));
            if (i == 0 && saved.skipShape != null) {
                Tensor dskip = pass.tensor(saved.skipShape);
                ((ResidualBlock) layer).backward(pass, dx, dskip, dh, dtime);
                dskips.push(dskip);
            } else {
                layer.backward(pass, dx, dh, dtime);
            }
            dh = dx;
            pass.keep(dh);
        }
        return dh;
    }

    int[] outputShape(int... inputShape) {
        return shapeBefore(layers.size(), inputShape);
    }

    /** Elements of the largest of the layers' outputs. */
    long largestOutput(int... inputShape) {
        return IntStream.rangeClosed(1, layers.size())
                .mapToLong(count -> Tensor.elements(shapeBefore(count, inputShape)))
                .max()
                .orElse(0);
    }

    private int[] shapeBefore(int index, int[] inputShape) {
        int[] shape = inputShape;
        for (Layer layer : layers.subList(0, index)) {
            shape = layer.outputShape(shape);
        }
        return shape;
    }

    private static Tensor output(Pass pass, int[] shape, boolean persistent) {
        return persistent ? pass.tensor(shape) : pass.output(shape);
    }
}
