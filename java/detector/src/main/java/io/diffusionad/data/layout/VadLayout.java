package io.diffusionad.data.layout;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * VAD, Valeo (Baitieva et al., CVPR 2024): {@code train/{good,bad}}, {@code test/{good,bad,bad_unseen_defects}}; no
 * masks. The one-class setting: the 1,000 defective training pictures are left out.
 */
final class VadLayout extends TrainTestLayout {
    @Override
    public String title() {
        return "VAD";
    }

    @Override
    boolean isCategory(Path folder) {
        return Files.isDirectory(folder.resolve("train/good"))
                && Files.isDirectory(folder.resolve("test/bad_unseen_defects"));
    }
}
