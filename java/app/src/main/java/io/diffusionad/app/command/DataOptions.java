package io.diffusionad.app.command;

import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.error.InvalidInputException;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.List;

/** Which images: the options that commands on data sets share. */
final class DataOptions {
    @Option(
            names = {"-d", "--data"},
            paramLabel = "FOLDER",
            description =
                    "A category (train/good, test/..., ground_truth/...), a data set of several (MVTec, VisA, MPDD, DAGM), a folder of good "
                            + "images, or a manifest (.csv, .jsonl).")
    private Path folder;

    @Option(
            names = {"-c", "--category"},
            paramLabel = "NAME",
            split = ",",
            description = "Which of the data set's categories (default: all).")
    private List<String> names;

    /** The chosen categories, all when none was named. */
    List<Category> categories() {
        return categories(null);
    }

    /** @param otherwise the folder when --data was not given, or null */
    List<Category> categories(Path otherwise) {
        Dataset dataset = open(otherwise);
        return (names == null ? dataset.categoryNames() : names)
                .stream().map(dataset::category).toList();
    }

    private Dataset open(Path otherwise) {
        if (folder == null && otherwise == null) {
            throw new InvalidInputException("no data was named: add --data FOLDER");
        }
        return Dataset.open(folder == null ? otherwise : folder);
    }

    /** @throws io.diffusionad.error.InvalidInputException when there are several and none was named */
    Category onlyCategory() {
        Dataset dataset = open(null);
        return names != null && names.size() == 1 ? dataset.category(names.get(0)) : dataset.onlyCategory();
    }
}
