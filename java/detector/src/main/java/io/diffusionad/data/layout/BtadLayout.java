package io.diffusionad.data.layout;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * BTAD, beanTech (Mishra et al., ISIE 2021): {@code <01…03>/train/ok}, {@code test/{ok,ko}},
 * {@code ground_truth/ko/NAME.png}; 0 and 255, 03 also soft.
 */
final class BtadLayout extends TrainTestLayout {
    @Override
    public String title() {
        return "BTAD";
    }

    @Override
    boolean isCategory(Path folder) {
        return Files.isDirectory(folder.resolve("train/ok")) && Files.isDirectory(folder.resolve("test/ko"));
    }
}
