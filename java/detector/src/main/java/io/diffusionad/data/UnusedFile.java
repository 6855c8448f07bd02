package io.diffusionad.data;

import java.nio.file.Path;

/**
 * A file in a category's folder that is neither trained on nor tested.
 *
 * @param file the file, or a folder whose files are all left out
 * @param reason in a few words, e.g. "a mask beside its picture"
 */
public record UnusedFile(Path file, String reason) {}
