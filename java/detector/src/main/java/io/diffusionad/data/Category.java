package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;
import lombok.Builder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One kind of product: good images to train on, labelled images to test on.
 *
 * @param name of its folder
 * @param folder the category's folder
 * @param layout how it is arranged
 * @param train good images, sorted by name, at least one
 * @param validation further good images that calibrate and never train, sorted by name; empty where the layout has none
 * @param test sorted by kind and name; empty for a plain folder
 * @param unused files that are neither trained on nor tested, and why
 * @param saturations by the value that marks a defect in masks; empty where the publisher states none
 */
@Builder(toBuilder = true)
public record Category(
        String name,
        Path folder,
        DatasetLayout layout,
        List<Path> train,
        List<Path> validation,
        List<TestImage> test,
        List<UnusedFile> unused,
        Map<Integer, DefectSaturation> saturations) {
    private static final Set<String> TEXTURES = Set.of("carpet", "zipper", "leather", "tile", "wood", "grid");
    private static final Set<String> OBJECTS = Set.of(
            "bottle",
            "cable",
            "capsule",
            "hazelnut",
            "metal_nut",
            "pill",
            "screw",
            "toothbrush",
            "transistor",
            "candle",
            "capsules",
            "cashew",
            "chewinggum",
            "fryum",
            "macaroni1",
            "macaroni2",
            "pcb1",
            "pcb2",
            "pcb3",
            "pcb4",
            "pipe_fryum",
            "bracket_black",
            "bracket_brown",
            "bracket_white",
            "connector",
            "metal_plate",
            "tubes");

    /** What most layouts do not have. */
    public static class CategoryBuilder {
        private List<Path> validation = List.of();
        private List<TestImage> test = List.of();
        private List<UnusedFile> unused = List.of();
        private Map<Integer, DefectSaturation> saturations = Map.of();
    }

    public Category {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
        unused = List.copyOf(unused);
        saturations = Map.copyOf(saturations);
    }

    /** The same category with other training files, e.g. some of them. */
    public Category withTrain(List<Path> files) {
        return toBuilder().train(files).build();
    }

    /**
     * Whether the published rules treat it as a texture: anomalies then never come from the image itself, and
     * foregrounds are random (SPEC §2).
     */
    public boolean isKnownTexture() {
        return TEXTURES.contains(name) || name.matches("Class([1-9]|10)");
    }

    /**
     * Whether the published rules treat it as an object: anomalies then come from textures or from the image itself.
     */
    public boolean isKnownObject() {
        return OBJECTS.contains(name);
    }

    /** The test set, checked to hold at least one image. */
    public List<TestImage> requireTest() {
        if (test.isEmpty()) {
            throw new InvalidInputException("category '" + name + "' in " + folder + " has no test images; "
                    + (Files.isRegularFile(folder)
                            ? "add lines with split test"
                            : "put good ones into " + folder.resolve("test/good") + " and defective ones into "
                                    + folder.resolve("test/<defect>")));
        }
        return test;
    }

    /** The test set, checked to hold a mask for every anomalous image. */
    public List<TestImage> requireMasks() {
        List<TestImage> unmasked = requireTest().stream()
                .filter(image -> image.anomalous() && image.masks().isEmpty())
                .toList();
        if (!unmasked.isEmpty()) {
            throw new InvalidInputException("no ground-truth mask for "
                    + unmasked.get(0).image() + (unmasked.size() > 1 ? " and " + (unmasked.size() - 1) + " more" : "")
                    + (Files.isRegularFile(folder)
                            ? "; name it in the column 'mask'"
                            : "; expected for instance "
                                    + folder.resolve("ground_truth")
                                            .resolve(unmasked.get(0).kind())
                                            .resolve(
                                                    Folders.stem(unmasked.get(0).image()) + "_mask.png")));
        }
        return test;
    }
}
