package io.diffusionad.train;

import io.diffusionad.nn.Pass;
import io.diffusionad.nn.UNet;
import io.diffusionad.nn.Workspace;
import io.diffusionad.ops.Ops;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Runs the UNet forward, and later backward, over many images in slices that bound the memory. In
 * {@link MemoryMode#LEAN} the forward pass saves nothing and is repeated slice by slice before the backward pass; both
 * modes do the same arithmetic in the same order, so gradients agree bit for bit.
 */
final class NoisePredictor {
    private final UNet unet;
    private final Workspace workspace;
    private final Ops ops;
    private final DType activations;
    private final MemoryMode memory;
    private final int slice;
    private final Deque<Slice> kept = new ArrayDeque<>();
    private Tensor images;
    private Tensor timesteps;

    private record Slice(Pass pass, int from, int to) {}

    /** @param slice images in memory at once */
    NoisePredictor(UNet unet, Workspace workspace, Ops ops, DType activations, MemoryMode memory, int slice) {
        this.unet = unet;
        this.workspace = workspace;
        this.ops = ops;
        this.activations = activations;
        this.memory = memory;
        this.slice = slice;
    }

    /**
     * @param eps like xt, out; @param xt (M, H, W, 3); @param t (M) int64; both are read again in {@link #backward}. In
     *     fast mode what is saved lies in the workspace's main arena from here on.
     */
    void forward(Tensor eps, Tensor xt, Tensor t) {
        images = xt;
        timesteps = t;
        kept.clear();
        for (int from = 0; from < xt.dim(0); from += slice) {
            int to = Math.min(xt.dim(0), from + slice);
            if (memory == MemoryMode.FAST) {
                kept.push(forwardSaving(eps, from, to));
            } else {
                try (var scope = workspace.main().scope()) {
                    Pass pass = Pass.inference(ops, workspace, activations);
                    ops.copy(
                            eps.slice(from, to), unet.forward(pass, images.slice(from, to), timesteps.slice(from, to)));
                }
            }
        }
    }

    /** Adds the gradients of the parameters; @param deps like eps */
    void backward(Tensor deps) {
        int slices = (images.dim(0) + slice - 1) / slice;
        for (int i = slices - 1; i >= 0; i--) {
            int from = i * slice;
            int to = Math.min(images.dim(0), from + slice);
            try (var scope = workspace.main().scope()) {
                Slice current = memory == MemoryMode.FAST ? kept.pop() : forwardSaving(null, from, to);
                unet.backward(current.pass, null, deps.slice(current.from, current.to));
            }
        }
    }

    private Slice forwardSaving(Tensor eps, int from, int to) {
        Pass pass = Pass.training(ops, workspace, activations);
        Tensor predicted = unet.forward(pass, images.slice(from, to), timesteps.slice(from, to));
        if (eps != null) {
            ops.copy(eps.slice(from, to), predicted);
        }
        return new Slice(pass, from, to);
    }
}
