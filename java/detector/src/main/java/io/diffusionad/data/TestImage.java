package io.diffusionad.data;

import java.nio.file.Path;
import java.util.List;

/**
 * One file of a test set.
 *
 * @param image the picture
 * @param kind "good", or the defect's name
 * @param anomalous the truth about the whole image
 * @param masks its ground truth, united when there are several; empty if there is none (always for good images)
 */
public record TestImage(Path image, String kind, boolean anomalous, List<Path> masks) {
    public static final String GOOD = "good";

    public TestImage {
        masks = List.copyOf(masks);
    }

    /** @param mask null if there is none */
    public TestImage(Path image, String kind, boolean anomalous, Path mask) {
        this(image, kind, anomalous, mask == null ? List.of() : List.of(mask));
    }

    public static TestImage good(Path image) {
        return new TestImage(image, GOOD, false, List.of());
    }
}
