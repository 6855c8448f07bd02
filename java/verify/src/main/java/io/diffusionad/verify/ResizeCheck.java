package io.diffusionad.verify;

import io.diffusionad.image.GreyImage;
import io.diffusionad.image.Images;
import io.diffusionad.image.Resize;
import io.diffusionad.image.RgbImage;
import io.diffusionad.io.HostTensor;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Resizing of colour and grey pictures; sources are in the file, or PNG files beside it ({@code resize_N.png} for
 * source N of resize.safetensors).
 */
final class ResizeCheck implements Check {
    @Override
    public boolean accepts(GoldenFile file) {
        return file.names().stream().anyMatch(name -> name.endsWith(".dst") || name.endsWith(".grey_dst"));
    }

    @Override
    public void run(GoldenFile file, Replay replay) throws IOException {
        for (String name : file.names()) {
            String index = name.substring(0, name.lastIndexOf('.') < 0 ? 0 : name.lastIndexOf('.'));
            if (name.endsWith(".dst")) {
                colour(file, replay, index);
            } else if (name.endsWith(".grey_dst")) {
                grey(file, replay, index);
            }
        }
    }

    private static void colour(GoldenFile file, Replay replay, String index) throws IOException {
        HostTensor expected = PictureRule.picture(file, index + ".dst", 3);
        RgbImage source;
        if (file.has(index + ".src")) {
            source = PictureRule.rgb(file, index + ".src");
        } else if (png(file, replay, index) != null) {
            source = Images.readRgb(png(file, replay, index));
        } else {
            return;
        }
        byte[] actual = Resize.bilinear(source, expected.shape()[1], expected.shape()[0])
                .rgb();
        PictureRule.add(replay, file, "colour " + index, actual, expected.toBytes());
    }

    private static void grey(GoldenFile file, Replay replay, String index) throws IOException {
        HostTensor expected = PictureRule.picture(file, index + ".grey_dst", 1);
        GreyImage source;
        if (!file.has(index + ".src") && png(file, replay, index) != null) {
            source = Images.readGrey(png(file, replay, index));
        } else if (file.has(index + ".grey")) {
            HostTensor grey = PictureRule.picture(file, index + ".grey", 1);
            source = new GreyImage(grey.shape()[1], grey.shape()[0], grey.toBytes());
        } else {
            return;
        }
        byte[] actual = Resize.bilinear(source, expected.shape()[1], expected.shape()[0])
                .grey();
        PictureRule.add(replay, file, "grey " + index, actual, expected.toBytes());
    }

    /** The source's PNG, or null when there is none. */
    private static Path png(GoldenFile file, Replay replay, String index) {
        String name = file.stem() + "_" + index + ".png";
        if (!replay.folder().has(name)) {
            return null;
        }
        Path path = replay.folder().path().resolve(name);
        replay.markUsed(path);
        return path;
    }
}
