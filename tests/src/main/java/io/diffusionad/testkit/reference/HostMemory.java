package io.diffusionad.testkit.reference;

import io.diffusionad.device.Device;
import io.diffusionad.device.Transfers;
import io.diffusionad.tensor.Arena;
import io.diffusionad.tensor.DType;
import io.diffusionad.tensor.Tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Another device's memory, through its uploads and downloads: tensors are real and round to their types. */
final class HostMemory implements TensorMemory {
    private final Device host;

    HostMemory(Device host) {
        this.host = host;
    }

    @Override
    public Arena newArena(String name) {
        return host.newArena(name);
    }

    @Override
    public double[] read(Tensor tensor) {
        float[] floats = Transfers.toFloats(host, tensor);
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    @Override
    public long[] readLongs(Tensor tensor) {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(Math.toIntExact(tensor.bytes())).order(ByteOrder.nativeOrder());
        host.download(buffer, tensor);
        buffer.rewind();
        long[] values = new long[Math.toIntExact(tensor.elements())];
        buffer.asLongBuffer().get(values);
        return values;
    }

    @Override
    public void write(Tensor tensor, double[] values) {
        if (tensor.dtype() == DType.INT64) {
            throw new IllegalArgumentException("no reference operation writes " + tensor);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        Transfers.upload(host, tensor, floats);
    }

    @Override
    public void upload(Tensor destination, ByteBuffer source) {
        host.upload(destination, source);
    }

    @Override
    public void download(ByteBuffer destination, Tensor source) {
        host.download(destination, source);
    }
}
