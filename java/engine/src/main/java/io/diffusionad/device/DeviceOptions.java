package io.diffusionad.device;

/**
 * @param threads CPU threads, 0 for one a physical core
 * @param providers CUDA libraries that may serve operations: {@code own}, {@code cublas}, {@code cudnn} or {@code auto}
 */
public record DeviceOptions(int threads, String providers) {
    public static final DeviceOptions DEFAULT = new DeviceOptions(0, "own");
}
