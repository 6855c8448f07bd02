package io.diffusionad.data.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Pictures that two splits share. Equal pixels are found by content. Nearly equal ones (stored anew, scaled,
 * brightened) are far closer to each other than pictures of a part are among themselves: parts in a fixture look alike,
 * so the limit is a share of how much the training pictures differ.
 */
final class DuplicateSearch {
    /** Bits; a picture that was stored anew differs in 0 to 4 where it has any contrast. */
    private static final int HASH_LIMIT = 10;
    /** Grey levels of thumbnails. */
    private static final double DISTANCE_LIMIT = 1.0;

    private static final double SHARE_OF_TYPICAL = 0.2;
    private static final int PAIRS = 400;

    private DuplicateSearch() {}

    /**
     * Names for each picture of {@code others} the most similar one of {@code base}, if they are the same or nearly.
     */
    static List<Finding> find(List<PictureFacts> base, String baseName, List<PictureFacts> others) {
        Map<Long, PictureFacts> byContent = new HashMap<>();
        base.forEach(picture -> byContent.putIfAbsent(picture.content(), picture));
        double limit = Math.min(DISTANCE_LIMIT, SHARE_OF_TYPICAL * typicalDistance(base));
        List<Finding> findings = new ArrayList<>();
        for (PictureFacts picture : others) {
            PictureFacts equal = byContent.get(picture.content());
            PictureFacts near = equal == null ? nearest(picture, base, limit) : null;
            if (equal != null) {
                findings.add(new Finding(
                        Finding.Kind.DUPLICATE,
                        picture.file(),
                        "the same picture as " + equal.file() + " in " + baseName));
            } else if (near != null) {
                findings.add(new Finding(
                        Finding.Kind.DUPLICATE,
                        picture.file(),
                        "nearly the same picture as " + near.file() + " in " + baseName));
            }
        }
        return findings;
    }

    private static PictureFacts nearest(PictureFacts picture, List<PictureFacts> base, double limit) {
        PictureFacts nearest = null;
        double smallest = limit;
        for (PictureFacts other : base) {
            if (picture.hashDistance(other) <= HASH_LIMIT) {
                double distance = picture.distance(other);
                if (distance < smallest) {
                    smallest = distance;
                    nearest = other;
                }
            }
        }
        return nearest;
    }

    /** The median over some pairs; infinite for fewer than two pictures. */
    private static double typicalDistance(List<PictureFacts> pictures) {
        if (pictures.size() < 2) {
            return Double.POSITIVE_INFINITY;
        }
        Random random = new Random(1);
        double[] distances = new double[PAIRS];
        for (int i = 0; i < PAIRS; i++) {
            int first = random.nextInt(pictures.size());
            int second = (first + 1 + random.nextInt(pictures.size() - 1)) % pictures.size();
            distances[i] = pictures.get(first).distance(pictures.get(second));
        }
        Arrays.sort(distances);
        return distances[PAIRS / 2];
    }
}
