package io.diffusionad.backend.cuda;

import jcuda.driver.CUdeviceptr;

/** Device addresses between the engine's 64-bit numbers and JCuda's pointer objects. */
final class DevicePointer extends CUdeviceptr {
    private static final CUdeviceptr NULL = new CUdeviceptr();

    static CUdeviceptr of(long address) {
        return NULL.withByteOffset(address);
    }

    /** The address that a driver call wrote into this object. */
    long address() {
        return getNativePointer();
    }
}
