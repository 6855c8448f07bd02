package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.TestImage;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;

import javax.imageio.ImageIO;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeSet;

/** A data set of tiny pictures in a folder, and what is read of it. */
final class Tree {
    private static final int WIDTH = 12;
    private static final int HEIGHT = 10;

    private final Path root;

    Tree(Path root) {
        this.root = root;
    }

    /** Noisy pictures, of the type that their names say. */
    Tree pictures(String... names) {
        for (String name : names) {
            byte[] rgb = new byte[3 * WIDTH * HEIGHT];
            new Random(name.hashCode()).nextBytes(rgb);
            write(name, new RgbImage(WIDTH, HEIGHT, rgb));
        }
        return this;
    }

    /** Masks whose upper half has a value. */
    Tree masks(int value, String... names) {
        for (String name : names) {
            byte[] grey = new byte[WIDTH * HEIGHT];
            Arrays.fill(grey, 0, grey.length / 2, (byte) value);
            write(name, new GreyImage(WIDTH, HEIGHT, grey).toRgb());
        }
        return this;
    }

    Tree text(String name, String content) {
        try {
            Files.createDirectories(root.resolve(name).getParent());
            Files.writeString(root.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    private void write(String name, RgbImage image) {
        Path file = root.resolve(name);
        String type = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        try {
            Files.createDirectories(file.getParent());
            if (type.equals("png")) {
                PngWriter.write(file, image);
                return;
            }
            BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
            for (int i = 0; i < WIDTH * HEIGHT; i++) {
                picture.setRGB(
                        i % WIDTH,
                        i / WIDTH,
                        (image.rgb()[3 * i] & 0xFF) << 16
                                | (image.rgb()[3 * i + 1] & 0xFF) << 8
                                | image.rgb()[3 * i + 2] & 0xFF);
            }
            ImageIO.write(picture, type, file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The category of that name, after the way back through its own folder was tried. */
    Category read(String name) {
        Category category = Dataset.open(root).category(name);
        Category again = Dataset.open(category.folder()).category(name);
        if (!again.equals(category)) {
            throw new AssertionError(category.folder() + " does not lead back to " + category);
        }
        return category;
    }

    String names(List<Path> files) {
        return String.join(
                " ",
                new TreeSet<>(files.stream()
                        .map(file -> root.relativize(file).toString())
                        .toList()));
    }

    /** Each image with its kind, truth and masks. */
    String tests(Category category) {
        StringBuilder text = new StringBuilder();
        for (TestImage image : category.test()) {
            text.append(root.relativize(image.image()))
                    .append(' ')
                    .append(image.kind())
                    .append(image.anomalous() ? "!" : "");
            image.masks().forEach(mask -> text.append(" <").append(root.relativize(mask)));
            text.append('\n');
        }
        return text.toString();
    }

    String unused(Category category) {
        return names(category.unused().stream().map(file -> file.file()).toList());
    }
}
