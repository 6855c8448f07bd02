package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.AtomicFile;
import io.diffusionad.io.FileProblem;

import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes 8-bit PNG files, each whole or not at all: a full disk or a killed process leaves no half picture under the
 * final name.
 */
public final class PngWriter {
    private PngWriter() {}

    /**
     * Creates missing parent folders and replaces an existing file. @throws InvalidInputException naming the file if
     * that fails
     */
    public static void write(Path file, RgbImage image) {
        write(file, encode(toBufferedImage(image)));
    }

    /** As {@link #write(Path, RgbImage)}, one channel. */
    public static void write(Path file, GreyImage image) {
        write(file, encode(toBufferedImage(image)));
    }

    /** As {@link #write(Path, RgbImage)}, with the {@link ResultMark} of pictures that this program makes of others. */
    public static void writeResult(Path file, RgbImage image) {
        write(file, ResultMark.mark(encode(image)));
    }

    /** As {@link #writeResult(Path, RgbImage)}, one channel. */
    public static void writeResult(Path file, GreyImage image) {
        write(file, ResultMark.mark(encode(toBufferedImage(image))));
    }

    /** The PNG file's bytes; equal images give equal bytes. */
    public static byte[] encode(RgbImage image) {
        return encode(toBufferedImage(image));
    }

    /** As {@link #encode(RgbImage)}, one channel. */
    public static byte[] encode(GreyImage image) {
        return encode(toBufferedImage(image));
    }

    /** For AWT and report libraries. */
    public static BufferedImage toBufferedImage(RgbImage image) {
        BufferedImage result = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        int[] row = new int[image.width()];
        for (int y = 0, i = 0; y < image.height(); y++) {
            for (int x = 0; x < row.length; x++, i += 3) {
                row[x] = (image.rgb()[i] & 0xFF) << 16 | (image.rgb()[i + 1] & 0xFF) << 8 | image.rgb()[i + 2] & 0xFF;
            }
            result.setRGB(0, y, row.length, 1, row, 0, row.length);
        }
        return result;
    }

    private static BufferedImage toBufferedImage(GreyImage image) {
        BufferedImage result = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_BYTE_GRAY);
        result.getRaster().setDataElements(0, 0, image.width(), image.height(), image.grey());
        return result;
    }

    private static byte[] encode(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
            if (!ImageIO.write(image, "png", stream)) {
                throw new IllegalStateException("this Java has no PNG writer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("encoding a PNG in memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static void write(Path file, byte[] png) {
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            AtomicFile.writeQuickly(file, png);
        } catch (IOException e) {
            throw new InvalidInputException("cannot write " + file + ": " + FileProblem.reason(e), e);
        }
    }
}
