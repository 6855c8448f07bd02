package io.diffusionad.benchmarks.peer;

import java.io.IOException;
import java.util.Map;

/** A contestant whose result is its argument; {@code die} ends it at its first run. */
public final class ToyWorker {
    private ToyWorker() {}

    public static void main(String[] arguments) throws IOException {
        Worker.serve(() -> new PeerTask() {
            @Override
            public String description() {
                System.out.println("chatter in between");
                return "toy " + arguments[0];
            }

            @Override
            public Map<String, float[]> outputs() {
                return Map.of("value", new float[] {1, Float.parseFloat(arguments[0])});
            }

            @Override
            public void run() {
                if (arguments.length > 1) {
                    throw new IllegalStateException("the toy broke");
                }
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        });
    }
}
