package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What the samples of some pictures use of the range they could have.
 *
 * @param bits of 16-bit samples: up to the highest that is set in any of them, rounded up to an even number, 8 … 16; 16
 *     for pictures of 8 bits a sample
 * @param stretched pictures whose own smallest and largest sample become black and white, because nothing says what
 *     their samples mean
 */
public record DepthScan(int bits, List<Path> stretched) {
    private record Looked(int largest, Path stretched) {}

    /**
     * Decodes every file, on all cores. Pictures that cannot be read do not count: whoever uses them names them all.
     */
    public static DepthScan of(List<Path> files) {
        List<Looked> looked = files.parallelStream()
                .map(DepthScan::look)
                .filter(Objects::nonNull)
                .toList();
        int largest = looked.stream().mapToInt(Looked::largest).max().orElse(0xFFFF);
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(largest);
        return new DepthScan(
                Math.max(8, bits + bits % 2),
                looked.stream().map(Looked::stretched).filter(Objects::nonNull).toList());
    }

    private static Looked look(Path file) {
        StoredPicture picture;
        try {
            picture = StoredPicture.read(file);
        } catch (InvalidInputException e) {
            return null;
        }
        BufferedImage image = picture.image();
        boolean deep = image.getSampleModel().getDataType() == DataBuffer.TYPE_USHORT
                && image.getSampleModel().getSampleSize(0) == 16;
        return new Looked(
                deep ? SampleLevels.range(image.getRaster())[1] : 0xFFFF, picture.isStretched() ? file : null);
    }
}
