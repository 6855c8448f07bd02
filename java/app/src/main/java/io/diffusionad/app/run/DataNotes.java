package io.diffusionad.app.run;

import io.diffusionad.app.console.Console;
import io.diffusionad.data.Category;
import io.diffusionad.data.check.Coverage;
import io.diffusionad.data.check.DatasetSummary;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.data.mask.UsableTestSet;
import io.diffusionad.settings.ModelSettings;

import java.nio.file.Path;
import java.util.List;

/** What the user is told about a category's pictures and masks before anything is computed. */
public final class DataNotes {
    private DataNotes() {}

    /**
     * @param set the category's test set
     * @param pictures of the category that can be read
     * @param model says how pictures become its square
     */
    public static void print(
            Console console, Category category, UsableTestSet set, List<Path> pictures, ModelSettings model) {
        MaskReader masks = set.masks();
        console.note("%s", DatasetSummary.line(category));
        if (!masks.description().isEmpty()) {
            console.note("%s: %s", category.name(), masks.description());
        }
        if (!masks.remark().isEmpty()) {
            console.note("%s: %s", category.name(), masks.remark());
        }
        if (!pictures.isEmpty()) {
            Coverage coverage = Coverage.read(pictures, model.preparation(), model.imageSize(), set.smallest());
            coverage.lines().forEach(line -> console.note("%s: %s", category.name(), line));
        }
    }
}
