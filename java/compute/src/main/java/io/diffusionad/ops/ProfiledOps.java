package io.diffusionad.ops;

import java.util.function.Consumer;

/**
 * Measures every call, waiting for the device before and after it, and sums up by layer and operation. The waiting
 * costs overlap: the sum is an upper bound.
 */
public final class ProfiledOps extends DescribedOps {
    private final Ops device;
    private final Runnable synchronize;
    private final OperationProfile profile = new OperationProfile();
    private String layer = "";

    /** @param synchronize waits for the device */
    public ProfiledOps(Ops device, Runnable synchronize) {
        this.device = device;
        this.synchronize = synchronize;
    }

    public OperationProfile profile() {
        return profile;
    }

    @Override
    public void layer(String name) {
        layer = name;
        device.layer(name);
    }

    @Override
    protected void perform(OperationCall call, Consumer<Ops> action) {
        synchronize.run();
        long start = System.nanoTime();
        action.accept(device);
        synchronize.run();
        profile.add(layer, call, System.nanoTime() - start);
    }
}
