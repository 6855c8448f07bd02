package io.diffusionad.backend.cuda;

import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

import java.lang.ref.WeakReference;

import static jcuda.driver.CUstream_flags.CU_STREAM_NON_BLOCKING;

/** A card's primary context and the one stream that all of a device's work goes through, in order. */
final class CudaContext implements AutoCloseable {
    /**
     * The context that is current on a thread, so that a call costs a comparison and not a driver call; threads of the
     * host must not keep it, nor its classes, alive.
     */
    private static final ThreadLocal<WeakReference<CudaContext>> CURRENT = new ThreadLocal<>();

    private final WeakReference<CudaContext> self = new WeakReference<>(this);
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private boolean closed;

    CudaContext(int index) {
        JCudaDriver.cuDeviceGet(device, index);
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device);
        makeCurrent();
        JCudaDriver.cuStreamCreate(stream, CU_STREAM_NON_BLOCKING);
    }

    /** Driver calls act on the calling thread's current context: every entry into the backend passes here first. */
    void makeCurrent() {
        if (closed) {
            throw new IllegalStateException("the CUDA device is closed");
        }
        if (CURRENT.get() != self) {
            JCudaDriver.cuCtxSetCurrent(context);
            CURRENT.set(self);
        }
    }

    CUstream stream() {
        return stream;
    }

    void synchronize() {
        makeCurrent();
        JCudaDriver.cuStreamSynchronize(stream);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        makeCurrent();
        JCudaDriver.cuStreamDestroy(stream);
        CURRENT.remove();
        closed = true;
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
    }
}
