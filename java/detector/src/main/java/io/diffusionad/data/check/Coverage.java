package io.diffusionad.data.check;

import io.diffusionad.data.mask.SmallDefect;
import io.diffusionad.image.Images;
import io.diffusionad.image.PictureSize;
import io.diffusionad.image.Placement;
import io.diffusionad.image.Preparation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is left of pictures, of their shape and of their smallest defect at a model's size.
 *
 * @param preparation how pictures become the model's square
 * @param imageSize side of the square, pixels
 * @param picture the commonest size of the pictures
 * @param smallest null when no defect is marked
 */
public record Coverage(Preparation preparation, int imageSize, PictureSize picture, SmallDefect smallest) {
    /** Fewer pixels than these are hardly told from noise. */
    public static final double ENOUGH = 4;
    /** Pictures whose headers are read to find the commonest size. */
    private static final int SAMPLE = 16;

    private static final double EVERY_PIXEL = 0.995;
    private static final double NOT_SQUARE = 1.05;

    /**
     * By the headers of the first pictures.
     *
     * @param pictures at least one
     * @throws io.diffusionad.error.InvalidInputException when one of those cannot be read
     */
    public static Coverage read(List<Path> pictures, Preparation preparation, int imageSize, SmallDefect smallest) {
        return of(pictures.stream().limit(SAMPLE).map(Images::size).toList(), preparation, imageSize, smallest);
    }

    /** @param sizes of some pictures, at least one */
    static Coverage of(List<PictureSize> sizes, Preparation preparation, int imageSize, SmallDefect smallest) {
        Map<PictureSize, Integer> counts = new LinkedHashMap<>();
        sizes.forEach(size -> counts.merge(size, 1, Integer::sum));
        int most = counts.values().stream().max(Comparator.naturalOrder()).orElseThrow();
        PictureSize commonest = counts.keySet().stream()
                .filter(size -> counts.get(size) == most)
                .findFirst()
                .orElseThrow();
        return new Coverage(preparation, imageSize, commonest, smallest);
    }

    private Placement placement() {
        return preparation.place(picture.width(), picture.height(), imageSize);
    }

    /** Share of a picture's pixels that are read, 0…1. */
    public double share() {
        return preparation.shrink() == Preparation.Shrink.AREA ? placement().shareOfPicture() : bilinearShare();
    }

    /** Share of a picture's pixels that are read when it shrinks bilinearly, 0…1. */
    public double bilinearShare() {
        return bilinearShareOfPart() * placement().shareOfPicture();
    }

    private double bilinearShareOfPart() {
        Placement placement = placement();
        return share(placement.partWidth(), placement.insideWidth())
                * share(placement.partHeight(), placement.insideHeight());
    }

    /**
     * Side from which the smallest defect has {@link #ENOUGH} pixels, a multiple of 32, or the model's where it has
     * them; only where there is a defect.
     */
    public int enoughSize() {
        double side = imageSize * Math.sqrt(ENOUGH / smallest.areaAtSize());
        return smallest.areaAtSize() >= ENOUGH ? imageSize : (int) (Math.ceil(side / 32 - 1e-9) * 32);
    }

    /** One line about what is read, and one about the shape of pictures that are not square. */
    public List<String> lines() {
        boolean all = preparation.shrink() == Preparation.Shrink.AREA || bilinearShareOfPart() > EVERY_PIXEL;
        return lines(
                all
                        ? "every pixel is read"
                        : percent(bilinearShareOfPart())
                                + " of the pixels are read, train --shrink area reads all of them");
    }

    /** As {@link #lines}, where it is not settled how pictures shrink. */
    public List<String> linesOfEitherShrink() {
        return lines(
                bilinearShareOfPart() > EVERY_PIXEL
                        ? "every pixel is read"
                        : "bilinear resizing reads " + percent(bilinearShareOfPart())
                                + " of the pixels, shrinking by area all of them");
    }

    private List<String> lines(String reading) {
        List<String> lines = new ArrayList<>();
        lines.add("pictures of " + picture + " at " + imageSize + "x" + imageSize + ": " + reading
                + (smallest == null ? "" : defect()));
        String shape = shape();
        if (!shape.isEmpty()) {
            lines.add(shape);
        }
        return lines;
    }

    private String defect() {
        String advice = smallest.areaAtSize() >= ENOUGH
                ? ""
                : String.format(
                        Locale.ROOT, ": train --image-size %d keeps %.0f, and so do tiles", enoughSize(), ENOUGH);
        return String.format(
                Locale.ROOT,
                "; smallest marked defect: %d pixels, %.1f at this size (%s)%s",
                smallest.area(),
                smallest.areaAtSize(),
                smallest.file(),
                advice);
    }

    private String shape() {
        double ratio =
                (double) Math.max(picture.width(), picture.height()) / Math.min(picture.width(), picture.height());
        if (ratio < NOT_SQUARE) {
            return "";
        }
        Placement placement = placement();
        return switch (preparation.fit()) {
            case STRETCH ->
                "pictures of " + picture + " are squashed "
                        + String.format(Locale.ROOT, "%.1f", ratio).replace(".0", "")
                        + ":1; train --fit letterbox or crop keeps their shape";
            case LETTERBOX ->
                "pictures of " + picture + " keep their shape: they fill " + placement.insideWidth() + "x"
                        + placement.insideHeight() + " of the square, bars the rest";
            case CROP ->
                "of pictures of " + picture + " only the middle " + placement.partWidth() + "x" + placement.partHeight()
                        + " is looked at, " + percent(placement.shareOfPicture())
                        + "; train --fit letterbox looks at all";
        };
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.1 ? "%.1f %%" : "%.0f %%", 100 * share);
    }

    /** The share of an axis' pixels that have a weight in some pixel of the result (half-pixel centers). */
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
