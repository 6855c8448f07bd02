package io.diffusionad.app.run;

import io.diffusionad.app.console.Console;
import io.diffusionad.data.Category;
import io.diffusionad.data.check.DatasetSummary;
import io.diffusionad.data.mask.MaskReader;

/** What the user is told about a category's pictures and masks before anything is computed. */
public final class MaskNotes {
    private MaskNotes() { }

    public static void print(Console console, Category category, MaskReader masks) {
        console.note("%s", DatasetSummary.line(category));
        if (!masks.description().isEmpty()) {
            console.note("%s: %s", category.name(), masks.description());
        }
        if (!masks.remark().isEmpty()) {
            console.note("%s: %s", category.name(), masks.remark());
        }
    }
}
