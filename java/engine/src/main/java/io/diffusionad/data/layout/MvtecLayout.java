package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Folders;
import io.diffusionad.data.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code <category>/train/good}, {@code test/<good or defect>}, {@code ground_truth/<defect>}: MVTec AD, MPDD, VisA's one-class split, and your own. */
final class MvtecLayout extends CategoryFolders {
    @Override
    public String title() {
        return "MVTec";
    }

    @Override
    boolean isCategory(Path folder) {
        return Files.isDirectory(folder.resolve("train/good"));
    }

    @Override
    Category read(Path folder) {
        List<TestImage> test = new ArrayList<>();
        for (Path kind : Folders.folders(folder.resolve("test"))) {
            String defect = kind.getFileName().toString();
            boolean anomalous = !defect.equals("good");
            Map<String, Path> masks = anomalous ? masks(folder.resolve("ground_truth").resolve(defect)) : Map.of();
            for (Path image : Folders.images(kind)) {
                test.add(new TestImage(image, defect, anomalous, masks.get(Folders.stem(image))));
            }
        }
        return Category.builder().name(folder.getFileName().toString()).folder(folder).layout(this).train(Folders.images(folder.resolve("train/good")))
                .test(test).build();
    }

    /** Mask files by the stem of the image they belong to: NAME_mask.png (MVTec, MPDD), NAME_label.PNG (DAGM) or NAME.png (VisA). */
    private static Map<String, Path> masks(Path folder) {
        Map<String, Path> masks = new HashMap<>();
        for (Path mask : Folders.images(folder)) {
            masks.putIfAbsent(Folders.stem(mask), mask);
        }
        for (Path mask : Folders.images(folder)) {
            masks.put(Folders.stem(mask).replaceFirst("_(mask|label)$", ""), mask);
        }
        return masks;
    }
}
