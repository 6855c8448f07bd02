package io.diffusionad.backend.cuda;

import io.diffusionad.device.DeviceUnavailableException;
import jcuda.driver.CUstream;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * NVIDIA's libraries that may compute convolutions in the place of our kernels, as {@code --providers} says. The engine
 * never needs them.
 */
final class CudaLibraries implements AutoCloseable {
    private final Optional<CublasProducts> products;
    private final Optional<CudnnConvolutions> convolutions;
    private final boolean named;

    private CudaLibraries(Optional<CublasProducts> products, Optional<CudnnConvolutions> convolutions, boolean named) {
        this.products = products;
        this.convolutions = convolutions;
        this.named = named;
    }

    static CudaLibraries none() {
        return new CudaLibraries(Optional.empty(), Optional.empty(), false);
    }

    /**
     * Opens what {@code --providers} asks for.
     *
     * @param providers {@code own}, {@code cublas}, {@code cudnn}, or {@code auto}: those that are installed and work
     * @param tf32 whether float32 factors may be rounded to TF32
     * @throws DeviceUnavailableException when a library is asked for by name and cannot be had, with the reason
     */
    static CudaLibraries open(String providers, CUstream stream, boolean tf32) {
        return switch (providers) {
            case "own" -> none();
            case "cublas" ->
                new CudaLibraries(
                        Optional.of(named(providers, () -> CublasProducts.open(stream, tf32))), Optional.empty(), true);
            case "cudnn" ->
                new CudaLibraries(
                        Optional.empty(),
                        Optional.of(named(providers, () -> CudnnConvolutions.open(stream, tf32))),
                        true);
            case "auto" ->
                new CudaLibraries(
                        available(() -> CublasProducts.open(stream, tf32)),
                        available(() -> CudnnConvolutions.open(stream, tf32)),
                        false);
            default ->
                throw new DeviceUnavailableException(
                        "there is no provider '" + providers + "': use own, cublas, cudnn or auto");
        };
    }

    private static <T> T named(String provider, Supplier<T> library) {
        try {
            return library.get();
        } catch (DeviceUnavailableException e) {
            throw new DeviceUnavailableException("--providers " + provider + ": " + e.getMessage());
        }
    }

    private static <T> Optional<T> available(Supplier<T> library) {
        try {
            return Optional.of(library.get());
        } catch (DeviceUnavailableException e) {
            return Optional.empty();
        }
    }

    boolean isEmpty() {
        return products.isEmpty() && convolutions.isEmpty();
    }

    /** For 1x1 convolutions. */
    Optional<CublasProducts> products() {
        return products;
    }

    Optional<CudnnConvolutions> convolutions() {
        return convolutions;
    }

    /** Whether the user asked for the library by its name, and so prefers it where nothing is measured. */
    boolean isNamed() {
        return named;
    }

    @Override
    public void close() {
        products.ifPresent(CublasProducts::close);
        convolutions.ifPresent(CudnnConvolutions::close);
    }
}
