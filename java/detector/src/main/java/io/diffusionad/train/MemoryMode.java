package io.diffusionad.train;

/**
 * What a training step keeps of the UNet's forward pass while the segmentation network runs. Gradients are the same.
 */
public enum MemoryMode {
    /**
     * Nothing: each micro-batch runs forward a second time before its backward pass. Memory is bounded by one
     * micro-batch; a third more work.
     */
    LEAN,
    /** Everything: memory grows with the batch. */
    FAST
}
