package io.diffusionad.data.layout;

import java.util.Locale;
import java.util.Set;

/**
 * What folders are called whose pictures are good, and whose are masks. Capitals, spaces, hyphens and underscores do
 * not count.
 */
final class KindNames {
    private static final Set<String> GOOD = Set.of(
            "good",
            "goods",
            "goodpart",
            "goodparts",
            "ok",
            "okay",
            "okpart",
            "okparts",
            "normal",
            "normals",
            "nodefect",
            "nodefects",
            "defectfree",
            "nondefective",
            "anomalyfree");
    private static final Set<String> MASKS = Set.of(
            "mask",
            "masks",
            "label",
            "labels",
            "gt",
            "gts",
            "groundtruth",
            "groundtruths",
            "annotation",
            "annotations");

    private KindNames() {}

    static boolean isGood(String folder) {
        return GOOD.contains(plain(folder));
    }

    static boolean isMasks(String folder) {
        return MASKS.contains(plain(folder));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[\\s_-]+", "");
    }
}
