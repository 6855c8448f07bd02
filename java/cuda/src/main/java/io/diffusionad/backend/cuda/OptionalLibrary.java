package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceUnavailableException;

import java.io.IOException;

/**
 * A library of NVIDIA's that may be installed, and JCuda's classes bound to it. Nothing native is touched where its
 * file is not there.
 */
final class OptionalLibrary {
    static final OptionalLibrary CUBLAS =
            new OptionalLibrary("libcublas.so.12", "jcuda.jcublas.JCublas2", "cuBLAS of CUDA 12");
    static final OptionalLibrary CUDNN = new OptionalLibrary("libcudnn.so.9", "jcuda.jcudnn.JCudnn", "cuDNN 9");

    private final String file;
    private final String binding;
    private final String product;
    /** Why the first attempt to bind failed: a class is initialised once, later attempts would hide the reason. */
    private String bindingFailure;

    private OptionalLibrary(String file, String binding, String product) {
        this.file = file;
        this.binding = binding;
        this.product = product;
    }

    /** Whether it is installed, and what to install where it is not, in a sentence. */
    String remark() {
        if (isInstalled()) {
            return product + " is installed (" + file + ")";
        }
        String name = file.substring(0, file.lastIndexOf('.'));
        int major = Integer.parseInt(file.substring(file.lastIndexOf('.') + 1));
        // A newer major version has another binary interface: finding it says why an installed library is not used.
        return product + " is not installed (" + file
                + (SharedLibraries.isInstalled(name + "." + (major + 1))
                        ? "; " + name + "." + (major + 1) + " is there, but JCuda's classes call version " + major
                        : "")
                + ")";
    }

    boolean isInstalled() {
        return SharedLibraries.isInstalled(file);
    }

    /**
     * @throws DeviceUnavailableException with the reason and the way out, when the library is not installed or cannot
     *     be bound
     */
    synchronized void bind() {
        if (!isInstalled()) {
            throw new DeviceUnavailableException(
                    file + " is not installed: install " + product + " or use --providers own");
        }
        if (bindingFailure == null) {
            try {
                SharedLibraries.bind(binding);
                return;
            } catch (IOException | LinkageError e) {
                bindingFailure = SharedLibraries.reason(e);
            }
        }
        throw new DeviceUnavailableException("JCuda cannot be bound to " + file + " (" + bindingFailure + "): repair "
                + product + " or use --providers own");
    }

    /** What to say when a bound library refuses to start. */
    DeviceUnavailableException refusal(RuntimeException cause) {
        return new DeviceUnavailableException(product + " does not start (" + cause.getMessage()
                + "): check that it fits the driver, or use --providers own");
    }
}
