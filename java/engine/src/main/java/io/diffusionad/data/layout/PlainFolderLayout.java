package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.DatasetLayout;
import io.diffusionad.data.Folders;
import java.nio.file.Path;
import java.util.List;

/** Images of good parts in one folder, nothing else. */
final class PlainFolderLayout implements DatasetLayout {
    @Override
    public String title() {
        return "plain folder";
    }

    @Override
    public List<String> categories(Path root) {
        return Folders.images(root).isEmpty() ? List.of() : List.of(root.getFileName().toString());
    }

    @Override
    public Category read(Path root, String name) {
        return Category.builder().name(name).folder(root).layout(this).train(Folders.images(root)).build();
    }
}
