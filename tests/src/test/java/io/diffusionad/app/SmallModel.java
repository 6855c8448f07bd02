package io.diffusionad.app;

import java.util.ArrayList;
import java.util.List;

/** Options of the smallest training that exercises everything. */
final class SmallModel {
    private SmallModel() {}

    static Object[] train(Object... more) {
        return trainOn("cpu", more);
    }

    static Object[] trainOn(String device, Object... more) {
        List<Object> words = new ArrayList<>(List.of(
                "train",
                "--device",
                device,
                "--preset",
                "tiny",
                "--image-size",
                "32",
                "--multipliers",
                "1,1",
                "--attention",
                "16",
                "--res-blocks",
                "1",
                "--segmentation-channels",
                "4",
                "--batch",
                "2",
                "--precision",
                "float32",
                "--sheets",
                "1"));
        words.addAll(List.of(more));
        return words.toArray();
    }
}
