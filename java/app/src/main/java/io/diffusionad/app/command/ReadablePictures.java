package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Those of some pictures that can be read; the others cost a line each.
 *
 * @param files the readable ones
 * @param images their contents, in the same order
 * @param failed how many could not be read
 */
record ReadablePictures(List<Path> files, List<RgbImage> images, int failed) {
    static ReadablePictures of(List<Path> all, Function<Path, RgbImage> reader, Console console) {
        List<Path> files = new ArrayList<>();
        List<RgbImage> images = new ArrayList<>();
        for (Path file : all) {
            try {
                images.add(reader.apply(file));
                files.add(file);
            } catch (InvalidInputException e) {
                console.err().println("error: " + e.getMessage());
                console.err().flush();
            }
        }
        return new ReadablePictures(files, images, all.size() - files.size());
    }
}
