package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Folders;
import io.diffusionad.data.UnusedFile;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * MVTec AD 2 (Heckler-Kram et al., 2025): {@code train/good}, {@code validation/good}, {@code test_public/{good,bad}},
 * {@code test_public/ground_truth/bad/NAME_mask.png}. The validation pictures calibrate; the private test pictures have
 * no published truth.
 */
final class Mvtec2Layout extends TrainTestLayout {
    private static final String PUBLIC = "test_public";

    @Override
    public String title() {
        return "MVTec AD 2";
    }

    @Override
    boolean isCategory(Path folder) {
        return Files.isDirectory(folder.resolve(PUBLIC)) && super.isCategory(folder);
    }

    @Override
    Path test(Path category) {
        return category.resolve(PUBLIC);
    }

    @Override
    Path masks(Path category) {
        return category.resolve(PUBLIC).resolve("ground_truth");
    }

    @Override
    Category read(Path folder) {
        Category category = super.read(folder);
        List<UnusedFile> unused = new ArrayList<>(category.unused());
        Folders.folders(folder).stream()
                .filter(inner -> inner.getFileName().toString().startsWith("test_private"))
                .forEach(inner ->
                        unused.add(new UnusedFile(inner, "its truth is not published; write a submission instead")));
        return category.toBuilder().unused(unused).build();
    }
}
