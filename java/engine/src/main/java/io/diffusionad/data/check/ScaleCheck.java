package io.diffusionad.data.check;

import java.nio.file.Path;

/**
 * What is left of pictures and of their smallest defect at a model's size.
 *
 * @param imageSize side of the model's input, pixels
 * @param share of a picture's pixels that bilinear resizing to that size reads, 0…1; shrinking by area reads all
 * @param smallestDefect the picture with the smallest marked region; null when there is none
 * @param smallestArea pixels of that region in the picture
 * @param areaAtSize pixels of that region at the model's size, in the mean
 * @param enoughSize side from which the region has {@link #ENOUGH} pixels; a multiple of 32
 */
public record ScaleCheck(int imageSize, double share, Path smallestDefect, long smallestArea, double areaAtSize, int enoughSize) {
    /** Fewer pixels than these are hardly told from noise. */
    public static final double ENOUGH = 4;

    static ScaleCheck of(int imageSize, PictureFacts typical, PictureFacts smallest, long area) {
        double share = share(typical.width(), imageSize) * share(typical.height(), imageSize);
        if (smallest == null) {
            return new ScaleCheck(imageSize, share, null, 0, 0, imageSize);
        }
        double pixels = (double) smallest.width() * smallest.height();
        double atSize = area * imageSize / pixels * imageSize;
        int enough = (int) (Math.ceil(Math.sqrt(ENOUGH * pixels / area) / 32) * 32);
        return new ScaleCheck(imageSize, share, smallest.file(), area, atSize, Math.max(enough, imageSize));
    }

    /** The share of an axis' pixels that have a weight in some pixel of the result (half-pixel centres). */
    private static double share(int length, int size) {
        int read = 0;
        int last = -1;
        double scale = (double) length / size;
        for (int i = 0; i < size; i++) {
            double at = Math.max(0, Math.min(length - 1, (i + 0.5) * scale - 0.5));
            int left = (int) at;
            int right = at > left ? left + 1 : left;
            for (int p = Math.max(left, last + 1); p <= right; p++) {
                read++;
                last = p;
            }
        }
        return (double) read / length;
    }
}
