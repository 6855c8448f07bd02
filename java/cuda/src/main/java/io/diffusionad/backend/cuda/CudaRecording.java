package io.diffusionad.backend.cuda;

import io.diffusionad.device.Recording;
import jcuda.CudaException;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

import java.util.List;

import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;

/**
 * A fixed sequence of operations as a CUDA graph. The sequence runs once as it is (kernels are loaded and measured,
 * weights packed, scratch memory grown) and is then captured; a replay is one driver call. Uploads within it copy the
 * same bytes at every replay. Weights that changed since are packed again, in place, before it.
 */
final class CudaRecording implements Recording {
    private final CudaContext context;
    private final PackedWeights packed;
    private final CUgraphExec executable = new CUgraphExec();
    private final List<PackedWeights.Use> uses;
    private final RecordedUploads uploads;
    private boolean closed;

    CudaRecording(CudaContext context, PackedWeights packed, KernelTuner tuner, Staging staging, Runnable operations) {
        this.context = context;
        this.packed = packed;
        context.makeCurrent();
        packed.noteUses();
        try {
            operations.run();
        } finally {
            uses = packed.takeUses();
        }
        uploads = new RecordedUploads();
        staging.recordUploads(uploads);
        tuner.pause(true);
        try {
            capture(operations);
        } catch (RuntimeException e) {
            uploads.close();
            throw e instanceof CudaException cuda ? CudaFailure.of("recording operations as a CUDA graph", cuda) : e;
        } finally {
            tuner.pause(false);
            staging.recordUploads(null);
        }
    }

    private void capture(Runnable operations) {
        CUgraph graph = new CUgraph();
        JCudaDriver.cuStreamBeginCapture(context.stream(), CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        try {
            operations.run();
        } catch (RuntimeException e) {
            abandon(graph, e);
            throw e;
        }
        JCudaDriver.cuStreamEndCapture(context.stream(), graph);
        try {
            JCudaDriver.cuGraphInstantiate(executable, graph, 0);
        } finally {
            JCudaDriver.cuGraphDestroy(graph);
        }
    }

    /**
     * Ends a capture that cannot be completed, so that the stream works again. The driver's complaint about it says
     * less than {@code cause}.
     */
    private void abandon(CUgraph graph, RuntimeException cause) {
        try {
            JCudaDriver.cuStreamEndCapture(context.stream(), graph);
            JCudaDriver.cuGraphDestroy(graph);
        } catch (CudaException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void replay() {
        if (closed) {
            throw new IllegalStateException("the recording is closed");
        }
        context.makeCurrent();
        try {
            packed.refresh(uses);
            JCudaDriver.cuGraphLaunch(executable, context.stream());
        } catch (CudaException e) {
            throw CudaFailure.of("replaying a CUDA graph", e);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            context.makeCurrent();
            JCudaDriver.cuStreamSynchronize(context.stream()); // a replay may still read the uploads
            JCudaDriver.cuGraphExecDestroy(executable);
            uploads.close();
        }
    }
}
