package io.diffusionad.data.check;

import java.nio.file.Path;

/**
 * Something about a data set that its owner should look at.
 *
 * @param kind what it is
 * @param file the picture, mask or folder
 * @param words what is the matter, without the file's name
 */
public record Finding(Kind kind, Path file, String words) {
    /** In the order in which they are told. */
    public enum Kind {
        UNREADABLE("cannot be read"),
        MASK("masks that cannot be used"),
        EMPTY_MASK("masks that mark nothing"),
        NO_MASK("defective without a mask"),
        SIZE("of another size than the rest"),
        DEPTH("of another depth than the rest"),
        LEVELS("few levels"),
        DARK("suspiciously dark, bright or empty"),
        DUPLICATE("the same, or nearly, in two splits"),
        UNUSED("not used");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }
}
