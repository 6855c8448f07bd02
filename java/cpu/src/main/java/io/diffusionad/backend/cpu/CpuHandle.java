package io.diffusionad.backend.cpu;

/** The native side of one open device; its operations refuse to run once the device is closed. */
final class CpuHandle {
    private long address;

    CpuHandle(long address) {
        this.address = address;
    }

    long address() {
        if (address == 0) {
            throw new IllegalStateException("the cpu device is closed");
        }
        return address;
    }

    boolean isOpen() {
        return address != 0;
    }

    void close() {
        if (address != 0) {
            CpuNative.destroyDevice(address);
            address = 0;
        }
    }
}
