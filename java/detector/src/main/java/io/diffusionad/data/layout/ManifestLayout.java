package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.DatasetLayout;
import io.diffusionad.data.TestImage;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Any arrangement of files, told by a table: CSV or JSON lines with file, split, kind, mask and category. */
final class ManifestLayout implements DatasetLayout {
    @Override
    public String title() {
        return "manifest";
    }

    @Override
    public List<String> categories(Path root) {
        if (!Files.isRegularFile(root) || !ManifestLine.isCsv(root) && !ManifestLine.isJsonLines(root)) {
            return List.of();
        }
        return Manifest.read(root).rows().stream()
                .map(Manifest.Row::category)
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public Category read(Path root, String name) {
        List<Path> train = new ArrayList<>();
        List<Path> validation = new ArrayList<>();
        List<TestImage> test = new ArrayList<>();
        for (Manifest.Row row : Manifest.read(root).rows()) {
            if (row.category().equals(name)) {
                switch (row.split()) {
                    case TRAIN -> train.add(row.file());
                    case VALIDATION -> validation.add(row.file());
                    case TEST -> test.add(new TestImage(row.file(), row.kind(), !row.isGood(), row.masks()));
                }
            }
        }
        train.sort(Comparator.naturalOrder());
        validation.sort(Comparator.naturalOrder());
        test.sort(Comparator.comparing(TestImage::kind).thenComparing(TestImage::image));
        return Category.builder()
                .name(name)
                .folder(root)
                .layout(this)
                .train(train)
                .validation(validation)
                .test(test)
                .build();
    }
}
