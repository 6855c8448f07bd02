package io.diffusionad.device;

/**
 * @param threads CPU threads, 0 for one a physical core
 * @param providers CUDA libraries that may serve operations: {@code own} (none), {@code cublas}, {@code cudnn}, or
 *     {@code auto}: those that are installed
 * @param tf32 whether float32 convolutions on a CUDA card may round their factors to TF32 (10-bit mantissas) for speed
 */
public record DeviceOptions(int threads, String providers, boolean tf32) {
    public static final DeviceOptions DEFAULT = new DeviceOptions(0, "own");

    public DeviceOptions(int threads, String providers) {
        this(threads, providers, false);
    }
}
