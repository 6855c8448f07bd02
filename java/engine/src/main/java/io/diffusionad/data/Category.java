package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * One kind of product: good images to train on, labelled images to test on.
 *
 * @param name of its folder
 * @param folder the category's folder
 * @param layout how it is arranged
 * @param train good images, sorted by name, at least one
 * @param test sorted by kind and name; empty for a plain folder
 */
public record Category(String name, Path folder, DatasetLayout layout, List<Path> train, List<TestImage> test) {
    private static final Set<String> TEXTURES = Set.of("carpet", "zipper", "leather", "tile", "wood", "grid");
    private static final Set<String> OBJECTS = Set.of("bottle", "cable", "capsule", "hazelnut", "metal_nut", "pill", "screw", "toothbrush", "transistor",
            "candle", "capsules", "cashew", "chewinggum", "fryum", "macaroni1", "macaroni2", "pcb1", "pcb2", "pcb3", "pcb4", "pipe_fryum",
            "bracket_black", "bracket_brown", "bracket_white", "connector", "metal_plate", "tubes");

    public Category {
        train = List.copyOf(train);
        test = List.copyOf(test);
    }

    /** The same category with other training files, e.g. some of them. */
    public Category withTrain(List<Path> files) {
        return new Category(name, folder, layout, files, test);
    }

    /** Whether the published rules treat it as a texture: anomalies then never come from the image itself, and foregrounds are random (SPEC §2). */
    public boolean isKnownTexture() {
        return TEXTURES.contains(name) || name.matches("Class([1-9]|10)");
    }

    /** Whether the published rules treat it as an object: anomalies then come from textures or from the image itself. */
    public boolean isKnownObject() {
        return OBJECTS.contains(name);
    }

    /** The test set, checked to hold at least one image. */
    public List<TestImage> requireTest() {
        if (test.isEmpty()) {
            throw new InvalidInputException("category '" + name + "' in " + folder + " has no test images; put good ones into " + folder.resolve("test/good")
                    + " and defective ones into " + folder.resolve("test/<defect>"));
        }
        return test;
    }

    /** The test set, checked to hold a mask for every anomalous image. */
    public List<TestImage> requireMasks() {
        List<TestImage> unmasked = requireTest().stream().filter(image -> image.anomalous() && image.mask() == null).toList();
        if (!unmasked.isEmpty()) {
            throw new InvalidInputException("no ground-truth mask for " + unmasked.get(0).image() + (unmasked.size() > 1 ? " and " + (unmasked.size() - 1) + " more" : "")
                    + "; expected for instance " + folder.resolve("ground_truth").resolve(unmasked.get(0).kind())
                    .resolve(Folders.stem(unmasked.get(0).image()) + "_mask.png"));
        }
        return test;
    }
}
