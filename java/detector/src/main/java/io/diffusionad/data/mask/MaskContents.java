package io.diffusionad.data.mask;

import io.diffusionad.error.InvalidInputException;

import java.nio.file.Path;

/** What layouts ask about a file's pixels: whether it is a mask at all, and whether it marks anything. */
public final class MaskContents {
    /** A photograph has more levels; so few are class numbers, or one mark. */
    private static final int MOST_CLASSES = 32;
    /** Share of a mask's pixels that may lie on soft edges. */
    private static final double MOST_SOFT = 0.25;

    private MaskContents() {}

    /**
     * Whether a picture has so few levels that it is a mask: for files of the same name as a picture. False for what
     * cannot be read.
     */
    public static boolean looksLikeMask(Path file) {
        try {
            MaskFile mask = MaskFile.look(file);
            return mask.codes().size() <= MOST_CLASSES
                    || mask.coding() != Coding.COLOR && mask.between() <= MOST_SOFT * mask.pixels();
        } catch (InvalidInputException e) {
            return false; // whoever reads it as a picture names it
        }
    }

    /** Whether a mask on black marks anything. @throws InvalidInputException if it cannot be read */
    public static boolean marksAnything(Path file) {
        MaskFile mask = MaskFile.look(file);
        return mask.lossy() ? mask.highest(0) >= 128 : mask.highest(0) > 0;
    }
}
