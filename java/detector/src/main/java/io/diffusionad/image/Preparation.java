package io.diffusionad.image;

import java.nio.file.Path;

/**
 * How a picture becomes the model's square: which levels its samples have, how it shrinks, and what happens where it is
 * not square. The one place for it: training, detection, evaluation and export read pictures through the preparation
 * that is stored with a model. Immutable, thread-safe.
 *
 * @param levels how samples of more than 8 bits become 8 bits
 * @param bits significant bits of such samples, for {@link Levels#FULL}: 9 … 16, 16 where nobody looked
 * @param shrink how a larger picture loses pixels
 * @param fit what happens to a picture that is not square
 */
public record Preparation(Levels levels, int bits, Shrink shrink, Fit fit) {
    /** What the published program does: upper byte, OpenCV's bilinear resize, straight to the square. */
    public static final Preparation REFERENCE = new Preparation(Levels.UPPER, 16, Shrink.BILINEAR, Fit.STRETCH);
    /** Every pixel of the picture counts. */
    public static final Preparation AREA = REFERENCE.withShrink(Shrink.AREA);

    /** How samples of more than 8 bits become 8 bits. */
    public enum Levels {
        /** The upper byte of 16 bits, as OpenCV reads pictures. */
        UPPER,
        /** The upper 8 of the lower {@link Preparation#bits} bits; larger values are white. */
        FULL,
        /** Each picture's smallest sample becomes 0, its largest 255; 8-bit pictures too. */
        MIN_MAX
    }

    /** How a larger picture loses pixels. */
    public enum Shrink {
        /** Two by two neighbors of each position, as OpenCV's {@code INTER_LINEAR}: the others are never read. */
        BILINEAR,
        /** The mean of the area that a pixel covers. */
        AREA
    }

    /** What happens to a picture that is not square. */
    public enum Fit {
        /** Width and height are scaled apart: it is squashed. */
        STRETCH,
        /** It keeps its shape; bars of grey fill the rest, which neither score nor count. */
        LETTERBOX,
        /** It keeps its shape; only its middle square is looked at. */
        CROP
    }

    public Preparation {
        if (bits < 8 || bits > 16) {
            throw new IllegalArgumentException("samples of " + bits + " bits: 8 to 16 are possible");
        }
    }

    public Preparation withLevels(Levels other, int significantBits) {
        return new Preparation(other, significantBits, shrink, fit);
    }

    public Preparation withShrink(Shrink other) {
        return new Preparation(levels, bits, other, fit);
    }

    public Preparation withFit(Fit other) {
        return new Preparation(levels, bits, shrink, other);
    }

    /** Where a picture of {@code width x height} lies in the square of {@code size}. */
    public Placement place(int width, int height, int size) {
        return Placement.of(fit, width, height, size);
    }

    /**
     * Reads a picture at its own size, its levels as the preparation says. @throws
     * io.diffusionad.error.InvalidInputException as {@link Images#readRgb}
     */
    public RgbImage read(Path file) {
        return Images.readRgb(file, this);
    }

    /** The square of a picture that was read at its own size. */
    public RgbImage square(RgbImage picture, int size) {
        Placement placement = place(picture.width(), picture.height(), size);
        RgbImage inside = resize(placement.picturePart(picture), placement.insideWidth(), placement.insideHeight());
        return placement.intoSquare(inside);
    }

    /** {@link #read} and {@link #square} in one. */
    public RgbImage readSquare(Path file, int size) {
        return square(read(file), size);
    }

    /** A picture at another size, straight, whatever its shape. */
    public RgbImage resize(RgbImage image, int width, int height) {
        return shrink == Shrink.AREA ? Resize.area(image, width, height) : Resize.bilinear(image, width, height);
    }
}
