package io.diffusionad.app.command;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.RgbImage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Those of some pictures that can be read, and why the others cannot: one bad picture never ends a batch.
 *
 * @param files the readable ones
 * @param images their contents, in the same order
 * @param problems a sentence on each of the others, by its place among all
 */
record ReadablePictures(List<Path> files, List<RgbImage> images, Map<Integer, String> problems) {
    static ReadablePictures of(List<Path> all, Function<Path, RgbImage> reader) {
        List<Path> files = new ArrayList<>();
        List<RgbImage> images = new ArrayList<>();
        Map<Integer, String> problems = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            try {
                images.add(reader.apply(all.get(i)));
                files.add(all.get(i));
            } catch (InvalidInputException e) {
                problems.put(i, e.getMessage());
            }
        }
        return new ReadablePictures(files, images, problems);
    }
}
