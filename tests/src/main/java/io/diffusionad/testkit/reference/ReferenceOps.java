package io.diffusionad.testkit.reference;

import io.diffusionad.ops.Ops;

/**
 * The operations written down as plainly as their definitions: no fusion, no blocking, no state. What every backend is
 * compared with. Slow (about a GFLOP a second and core), parallel over samples, rows or channels, and deterministic for
 * any thread count.
 */
public final class ReferenceOps
        implements Ops,
                ReferenceConvolution,
                ReferenceGroupNorm,
                ReferenceQuantized,
                ReferenceBatchNorm,
                ReferenceAttention,
                ReferenceResample,
                ReferenceLinear,
                ReferenceElementwise,
                ReferenceDiffusion,
                ReferenceLoss {
    private final Workspace work;

    public ReferenceOps(TensorMemory memory, Arithmetic arithmetic) {
        this.work = new Workspace(memory, arithmetic);
    }

    @Override
    public Workspace work() {
        return work;
    }
}
