package io.diffusionad.app.run;

import io.diffusionad.app.console.Console;
import io.diffusionad.data.Category;
import io.diffusionad.data.mask.MaskReader;

/** What the user is told about masks before anything is computed: once a category. */
public final class MaskNotes {
    private MaskNotes() { }

    public static void print(Console console, Category category, MaskReader masks) {
        if (!masks.description().isEmpty()) {
            console.note("%s: %s", category.name(), masks.description());
        }
        if (!masks.remark().isEmpty()) {
            console.note("%s: %s", category.name(), masks.remark());
        }
    }
}
