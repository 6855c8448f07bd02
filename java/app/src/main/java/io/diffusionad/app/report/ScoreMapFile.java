package io.diffusionad.app.report;

import io.diffusionad.io.AtomicFile;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferUShort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Score maps as files: 16-bit grey PNG for viewers, {@code .npy} for programs. */
public final class ScoreMapFile {
    private static final byte[] NPY_MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int NPY_ALIGNMENT = 64;

    private ScoreMapFile() {}

    /** Scores of 0…1 become 0…65535, rounded; values outside are clamped. */
    public static void writePng16(Path file, int width, int height, float[] scores) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_USHORT_GRAY);
        short[] pixels = ((DataBufferUShort) image.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) Math.round(Math.max(0f, Math.min(1f, scores[i])) * 65535f);
        }
        OutputFile.writePng(file, image);
    }

    /** Exact float32 values as a numpy array of shape (height, width), format version 1.0. */
    public static void writeNpy(Path file, int width, int height, float[] scores) throws IOException {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + height + ", " + width + "), }";
        int unpadded = NPY_MAGIC.length + Short.BYTES + header.length() + 1;
        header += " ".repeat((NPY_ALIGNMENT - unpadded % NPY_ALIGNMENT) % NPY_ALIGNMENT) + "\n";
        ByteBuffer bytes = ByteBuffer.allocate(
                        NPY_MAGIC.length + Short.BYTES + header.length() + Float.BYTES * scores.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(NPY_MAGIC).putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        bytes.asFloatBuffer().put(scores);
        AtomicFile.writeQuickly(file, bytes.array());
    }
}
