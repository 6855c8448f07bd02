package io.diffusionad.data;

import java.nio.file.Path;
import java.util.List;

/**
 * How a data set's files are arranged: one class a layout, listed in {@link io.diffusionad.data.layout.Layouts}.
 * Implementations are stateless and thread-safe.
 */
public interface DatasetLayout {
    /** What users call it, e.g. "MVTec AD". */
    String title();

    /**
     * Recognises a data set by names alone, without opening a picture.
     *
     * @param root an absolute path: a data set's folder, one category's folder, or a file for layouts that are
     *     described by one
     * @return names of its categories, sorted; empty when {@code root} is not in this layout
     */
    List<String> categories(Path root);

    /**
     * Lists the files of a category.
     *
     * @param root what {@link #categories} recognised
     * @param name one of its names
     * @return a category whose {@code folder} leads back to it: {@code Dataset.open(folder).category(name)}
     * @throws io.diffusionad.error.InvalidInputException when files that the layout needs are missing or contradict
     *     each other
     */
    Category read(Path root, String name);
}
