package io.diffusionad.app.report;

import io.diffusionad.image.JpegWriter;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.Resize;
import io.diffusionad.image.ResultMark;
import io.diffusionad.image.RgbImage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures of a page, at a moderate size: inside the page while they are few, and as files in a folder beside it where
 * they are many, so that neither memory nor the page grows without end. Pictures are numbered in the order of adding.
 */
final class PictureStore {
    /** Longer sides are scaled down to this. */
    private static final int LONGEST_SIDE = 384;
    /** With colors at every pixel: a marked defect may be one pixel. */
    private static final float QUALITY = 0.88f;
    /** Pictures of so few pixels are stored exactly: each of them counts. */
    private static final int MOST_EXACT_PIXELS = 128 * 128;

    private final Path folder;
    private final long mostBytes;
    private final List<Stored> stored = new ArrayList<>();
    private List<byte[]> embedded = new ArrayList<>();
    private long bytes;

    private record Stored(int width, int height, String format) {}

    /** @param folder of the files, if there will be any; @param mostBytes that may be inside the page */
    PictureStore(Path folder, long mostBytes) {
        this.folder = folder;
        this.mostBytes = mostBytes;
    }

    /** @return the picture's number */
    int add(RgbImage picture) throws IOException {
        RgbImage moderate = moderate(picture);
        boolean exact = moderate.width() * moderate.height() <= MOST_EXACT_PIXELS;
        byte[] encoded = exact ? PngWriter.encode(moderate) : JpegWriter.encode(moderate, QUALITY, true);
        stored.add(new Stored(moderate.width(), moderate.height(), exact ? "png" : "jpeg"));
        bytes += encoded.length;
        if (embedded != null && bytes > mostBytes) {
            Files.createDirectories(folder);
            for (int i = 0; i < embedded.size(); i++) {
                write(i, embedded.get(i));
            }
            embedded = null;
        }
        if (embedded == null) {
            write(stored.size() - 1, encoded);
        } else {
            embedded.add(encoded);
        }
        return stored.size() - 1;
    }

    /** Attributes of an image element of a page in the folder's parent: source and size. */
    String attributes(int number) {
        Stored picture = stored.get(number);
        String source = embedded == null
                ? folder.getFileName() + "/" + name(number)
                : HtmlPage.dataUri(picture.format, embedded.get(number));
        return "src=\"" + source + "\" width=\"" + picture.width + "\" height=\"" + picture.height + "\"";
    }

    boolean isEmbedded() {
        return embedded != null;
    }

    /** Marked, so that nobody inspects them as parts. */
    private void write(int number, byte[] encoded) throws IOException {
        Files.write(folder.resolve(name(number)), ResultMark.mark(encoded));
    }

    private String name(int number) {
        return String.format("%06d.%s", number, stored.get(number).format);
    }

    private static RgbImage moderate(RgbImage picture) {
        int longest = Math.max(picture.width(), picture.height());
        if (longest <= LONGEST_SIDE) {
            return picture;
        }
        return Resize.bilinear(
                picture,
                Math.max(1, picture.width() * LONGEST_SIDE / longest),
                Math.max(1, picture.height() * LONGEST_SIDE / longest));
    }
}
