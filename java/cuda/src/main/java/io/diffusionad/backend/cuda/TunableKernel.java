package io.diffusionad.backend.cuda;

/** A compiled kernel that {@link KernelTuner} chooses among others for a problem. */
interface TunableKernel {
    String name();

    /** Dynamic shared memory of a block. */
    int sharedBytes();

    /**
     * Whether it fetches its operands through {@link TensorMaps}. Such a kernel is only used for a problem where the
     * card has shown that it gives the bits of the others.
     */
    boolean tensorMaps();
}
