package io.diffusionad.ops;

import java.util.function.Consumer;

/** Runs nothing: counts calls, FLOP and bytes. Shapes and types are checked. */
public final class CountingOps extends DescribedOps {
    private final OperationProfile profile = new OperationProfile();
    private String layer = "";

    public OperationProfile profile() {
        return profile;
    }

    @Override
    public void layer(String name) {
        layer = name;
    }

    @Override
    protected void perform(OperationCall call, Consumer<Ops> action) {
        profile.add(layer, call, 0);
    }
}
