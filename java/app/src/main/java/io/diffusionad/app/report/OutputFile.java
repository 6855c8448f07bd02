package io.diffusionad.app.report;

import io.diffusionad.image.ResultMark;
import io.diffusionad.io.AtomicFile;

import javax.imageio.ImageIO;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Result files, each replaced whole or not at all. */
public final class OutputFile {
    private OutputFile() {}

    public static void write(Path file, byte[] contents) throws IOException {
        AtomicFile.write(file, channel -> {
            ByteBuffer buffer = ByteBuffer.wrap(contents);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        });
    }

    public static void write(Path file, String contents) throws IOException {
        write(file, contents.getBytes(StandardCharsets.UTF_8));
    }

    /** A picture that this program made, marked as such ({@link ResultMark}). */
    public static void writePng(Path file, BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        AtomicFile.writeQuickly(file, ResultMark.mark(bytes.toByteArray()));
    }
}
