package io.diffusionad.image;

import java.util.Arrays;

/**
 * Where a picture lies in the model's square, and back: a part of the picture (all of it, or its middle) fills a part
 * of the square (all of it, or all but two bars). Immutable.
 *
 * @param width of the picture, pixels; @param height likewise
 * @param size side of the square, pixels
 * @param partX left edge of the part of the picture that is looked at; @param partY its upper edge
 * @param partWidth its width; @param partHeight its height
 * @param insideX left edge of what it fills of the square; @param insideY its upper edge
 * @param insideWidth its width; @param insideHeight its height
 */
public record Placement(
        int width,
        int height,
        int size,
        int partX,
        int partY,
        int partWidth,
        int partHeight,
        int insideX,
        int insideY,
        int insideWidth,
        int insideHeight) {
    /** What bars are filled with: a grey that no picture's mean is far from. */
    private static final byte BAR = (byte) 128;

    static Placement of(Preparation.Fit fit, int width, int height, int size) {
        int shorter = Math.min(width, height);
        double scale = (double) size / Math.max(width, height);
        int insideWidth = Math.max(1, (int) Math.round(width * scale));
        int insideHeight = Math.max(1, (int) Math.round(height * scale));
        return switch (fit) {
            case STRETCH -> new Placement(width, height, size, 0, 0, width, height, 0, 0, size, size);
            case CROP ->
                new Placement(
                        width,
                        height,
                        size,
                        (width - shorter) / 2,
                        (height - shorter) / 2,
                        shorter,
                        shorter,
                        0,
                        0,
                        size,
                        size);
            case LETTERBOX ->
                new Placement(
                        width,
                        height,
                        size,
                        0,
                        0,
                        width,
                        height,
                        (size - insideWidth) / 2,
                        (size - insideHeight) / 2,
                        insideWidth,
                        insideHeight);
        };
    }

    /** Whether the part fills the square. */
    public boolean fillsSquare() {
        return insideWidth == size && insideHeight == size;
    }

    /** Share of the picture's pixels that lie in the part that is looked at, 0 … 1. */
    public double shareOfPicture() {
        return (double) partWidth * partHeight / ((double) width * height);
    }

    /** The part of the picture that is looked at; the argument itself when that is all. */
    RgbImage picturePart(RgbImage picture) {
        if (partWidth == width && partHeight == height) {
            return picture;
        }
        byte[] rgb = new byte[3 * partWidth * partHeight];
        for (int y = 0; y < partHeight; y++) {
            System.arraycopy(picture.rgb(), 3 * ((partY + y) * width + partX), rgb, 3 * y * partWidth, 3 * partWidth);
        }
        return new RgbImage(partWidth, partHeight, rgb);
    }

    /** The square with {@code inside} in its place, and bars beside it. */
    RgbImage intoSquare(RgbImage inside) {
        if (fillsSquare()) {
            return inside;
        }
        byte[] rgb = new byte[3 * size * size];
        Arrays.fill(rgb, BAR);
        for (int y = 0; y < insideHeight; y++) {
            System.arraycopy(
                    inside.rgb(), 3 * y * insideWidth, rgb, 3 * ((insideY + y) * size + insideX), 3 * insideWidth);
        }
        return new RgbImage(size, size, rgb);
    }

    /**
     * What a map of the square, (size, size), says of the picture: (insideHeight, insideWidth), without bars; the
     * argument itself when there are none.
     */
    public float[] inside(float[] map) {
        if (fillsSquare()) {
            return map;
        }
        float[] result = new float[insideWidth * insideHeight];
        for (int y = 0; y < insideHeight; y++) {
            System.arraycopy(map, (insideY + y) * size + insideX, result, y * insideWidth, insideWidth);
        }
        return result;
    }

    /** The part of a square, (size, size), that shows the picture; the argument itself when there are no bars. */
    public RgbImage inside(RgbImage square) {
        if (fillsSquare()) {
            return square;
        }
        byte[] rgb = new byte[3 * insideWidth * insideHeight];
        for (int y = 0; y < insideHeight; y++) {
            System.arraycopy(
                    square.rgb(), 3 * ((insideY + y) * size + insideX), rgb, 3 * y * insideWidth, 3 * insideWidth);
        }
        return new RgbImage(insideWidth, insideHeight, rgb);
    }

    /**
     * The reverse of {@link #inside(float[])} for one byte a pixel: (size, size), 0 on the bars; the argument itself
     * when there are none.
     */
    public byte[] intoSquare(byte[] inside) {
        if (fillsSquare()) {
            return inside;
        }
        byte[] result = new byte[size * size];
        for (int y = 0; y < insideHeight; y++) {
            System.arraycopy(inside, y * insideWidth, result, (insideY + y) * size + insideX, insideWidth);
        }
        return result;
    }

    /**
     * A map of the square, (size, size), with 0 on the bars; the argument itself when there are none.
     *
     * @param map null stands for 1 everywhere
     */
    public float[] withoutBars(float[] map) {
        if (fillsSquare()) {
            return map;
        }
        float[] result = new float[size * size];
        for (int y = insideY; y < insideY + insideHeight; y++) {
            if (map == null) {
                Arrays.fill(result, y * size + insideX, y * size + insideX + insideWidth, 1f);
            } else {
                System.arraycopy(map, y * size + insideX, result, y * size + insideX, insideWidth);
            }
        }
        return result;
    }

    /**
     * A map of the square, (size, size), in the picture's own geometry, (height, width): enlarged bilinearly; 0 where
     * the picture is not looked at.
     */
    public float[] toPicture(float[] map) {
        float[] part = ScoreMaps.resize(inside(map), insideWidth, insideHeight, partWidth, partHeight);
        if (partWidth == width && partHeight == height) {
            return part;
        }
        float[] result = new float[width * height];
        for (int y = 0; y < partHeight; y++) {
            System.arraycopy(part, y * partWidth, result, (partY + y) * width + partX, partWidth);
        }
        return result;
    }

    /** As {@link #inside(float[])} for a mask of the square. */
    public boolean[] inside(boolean[] squareMask) {
        if (fillsSquare()) {
            return squareMask;
        }
        boolean[] result = new boolean[insideWidth * insideHeight];
        for (int y = 0; y < insideHeight; y++) {
            System.arraycopy(squareMask, (insideY + y) * size + insideX, result, y * insideWidth, insideWidth);
        }
        return result;
    }

    /**
     * A mask of the picture, (height, width), in the square, (size, size): a pixel is marked where any of the picture's
     * pixels that it covers is marked, so that no region is lost by shrinking. Bars are not marked.
     */
    public boolean[] square(boolean[] pictureMask) {
        boolean[] result = new boolean[size * size];
        for (int y = 0; y < insideHeight; y++) {
            int top = partY + (int) ((long) y * partHeight / insideHeight);
            int bottom = partY + (int) (((long) (y + 1) * partHeight + insideHeight - 1) / insideHeight);
            for (int x = 0; x < insideWidth; x++) {
                int left = partX + (int) ((long) x * partWidth / insideWidth);
                int right = partX + (int) (((long) (x + 1) * partWidth + insideWidth - 1) / insideWidth);
                result[(insideY + y) * size + insideX + x] = anyMarked(pictureMask, left, top, right, bottom);
            }
        }
        return result;
    }

    private boolean anyMarked(boolean[] mask, int left, int top, int right, int bottom) {
        for (int v = top; v < bottom; v++) {
            for (int u = left; u < right; u++) {
                if (mask[v * width + u]) {
                    return true;
                }
            }
        }
        return false;
    }
}
