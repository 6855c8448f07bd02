package io.diffusionad.nn;

import io.diffusionad.device.Device;
import io.diffusionad.tensor.Arena;

/**
 * The memory in which passes run: one main arena for results and for what a backward pass needs, and two arenas between
 * which activations (in inference) and gradients (in a backward pass) flow: a layer reads from one and writes to the
 * other, which is emptied first. Memory is reused from call to call and given back on close. One pass at a time.
 */
public final class Workspace implements AutoCloseable {
    private final Device device;
    private final Arena main;
    private final Arena ping;
    private final Arena pong;

    public Workspace(Device device, String name) {
        this.device = device;
        main = device.newArena(name);
        ping = device.newArena(name + " flow a");
        pong = device.newArena(name + " flow b");
    }

    public Device device() {
        return device;
    }

    /** Results, saved activations, and the caller's own tensors. */
    public Arena main() {
        return main;
    }

    Arena ping() {
        return ping;
    }

    Arena pong() {
        return pong;
    }

    /** Bytes taken from the device. */
    public long reserved() {
        return main.reserved() + ping.reserved() + pong.reserved();
    }

    /** Sum of the arenas' largest use so far, in bytes. */
    public long peak() {
        return main.peak() + ping.peak() + pong.peak();
    }

    @Override
    public void close() {
        pong.close();
        ping.close();
        main.close();
    }
}
