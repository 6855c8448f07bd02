package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.DatasetLayout;
import io.diffusionad.data.Folders;

import java.nio.file.Path;
import java.util.List;

/**
 * A layout in which each category has a folder of its own, named as the category; the root is the folder of all, or one
 * of them.
 */
abstract class CategoryFolders implements DatasetLayout {
    @Override
    public final List<String> categories(Path root) {
        if (isCategory(root)) {
            return List.of(root.getFileName().toString());
        }
        return Folders.folders(root).stream()
                .filter(this::isCategory)
                .map(path -> path.getFileName().toString())
                .toList();
    }

    @Override
    public final Category read(Path root, String name) {
        return read(isCategory(root) ? root : root.resolve(name));
    }

    /** Whether a folder holds one category; by names alone. */
    abstract boolean isCategory(Path folder);

    /** Lists a category's files. @param folder for which {@link #isCategory} holds; its name is the category's */
    abstract Category read(Path folder);
}
