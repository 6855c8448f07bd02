package io.diffusionad.app.demodata;

import io.diffusionad.app.report.ContactSheet;
import io.diffusionad.image.Overlay;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.RgbImage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * Writes the demo data: {@code fabric}, {@code washer} and {@code board}, 256x256 PNG in the MVTec layout (SPEC §2)
 * with exact masks, the same bytes for the same seed. The defects are none that training synthesises.
 */
public final class DemoDataGenerator {
    private static final List<Product> PRODUCTS = List.of(new Fabric(), new Washer(), new Board());
    /**
     * Numbers of one product's pictures lie in a block of their own, so that counts can change without changing other
     * pictures.
     */
    private static final int BLOCK = 100_000;

    private static final int TEST_GOOD = 40_000;
    private static final int DEFECTIVE = 60_000;

    private DemoDataGenerator() {}

    /**
     * How many pictures a category gets.
     *
     * @param train good ones to train on; @param testGood good ones to test on; @param defective spread evenly over the
     *     kinds of defects
     */
    public record Counts(int train, int testGood, int defective) {
        /** What the demo uses. */
        public static final Counts DEFAULT = new Counts(60, 16, 32);

        public Counts {
            if (train < 1
                    || testGood < 0
                    || defective < 0
                    || train >= TEST_GOOD
                    || testGood >= DEFECTIVE - TEST_GOOD
                    || defective >= BLOCK - DEFECTIVE) {
                throw new IllegalArgumentException("impossible counts: " + train + ", " + testGood + ", " + defective);
            }
        }

        /** Pictures of all categories together. */
        public int total() {
            return PRODUCTS.size() * (train + testGood + defective);
        }
    }

    /** Names of the categories. */
    public static List<String> categories() {
        return PRODUCTS.stream().map(Product::name).toList();
    }

    /**
     * Paints and writes everything on all cores.
     *
     * @param root the data set's folder; made if missing, files of the same names replaced
     * @param done told, from any thread, one more picture each time
     * @throws io.diffusionad.error.InvalidInputException if the folder cannot be written
     */
    public static void generate(Path root, long seed, Counts counts, IntConsumer done) {
        List<Job> jobs = new ArrayList<>();
        for (int p = 0; p < PRODUCTS.size(); p++) {
            Product product = PRODUCTS.get(p);
            Path folder = root.resolve(product.name());
            for (int i = 0; i < counts.train(); i++) {
                jobs.add(new Job(
                        product,
                        null,
                        (long) p * BLOCK + i,
                        folder.resolve("train/good").resolve(file(i)),
                        null));
            }
            for (int i = 0; i < counts.testGood(); i++) {
                jobs.add(new Job(
                        product,
                        null,
                        (long) p * BLOCK + TEST_GOOD + i,
                        folder.resolve("test/good").resolve(file(i)),
                        null));
            }
            for (int i = 0; i < counts.defective(); i++) {
                String defect = product.defects().get(i % product.defects().size());
                int number = i / product.defects().size();
                jobs.add(new Job(
                        product,
                        defect,
                        (long) p * BLOCK + DEFECTIVE + i,
                        folder.resolve("test").resolve(defect).resolve(file(number)),
                        folder.resolve("ground_truth")
                                .resolve(defect)
                                .resolve(file(number).replace(".png", "_mask.png"))));
            }
        }
        jobs.parallelStream().forEach(job -> {
            job.run(seed);
            done.accept(1);
        });
    }

    private static String file(int number) {
        return String.format(Locale.ROOT, "%03d.png", number);
    }

    private record Job(Product product, String defect, long number, Path image, Path mask) {
        void run(long seed) {
            DemoPicture picture = DemoPicture.take(product, defect, seed, number);
            PngWriter.write(image, picture.image());
            if (mask != null) {
                PngWriter.write(mask, Overlay.mask(picture.mask(), Canvas.SIZE, Canvas.SIZE));
            }
        }
    }

    /** A page of one category for looking at: some good pictures, then every defect with its outline. */
    public static RgbImage contactSheet(String category, long seed, int good) {
        int p = categories().indexOf(category);
        if (p < 0) {
            throw new IllegalArgumentException("no demo category '" + category + "' among " + categories());
        }
        Product product = PRODUCTS.get(p);
        ContactSheet sheet = new ContactSheet(category, 4, Canvas.SIZE, Canvas.SIZE);
        for (int i = 0; i < good; i++) {
            sheet.add(
                    "good",
                    DemoPicture.take(product, null, seed, (long) p * BLOCK + i).image());
        }
        for (int i = 0; i < product.defects().size(); i++) {
            DemoPicture picture =
                    DemoPicture.take(product, product.defects().get(i), seed, (long) p * BLOCK + DEFECTIVE + i);
            sheet.add(product.defects().get(i), picture.image());
            sheet.add("outlined", Overlay.contour(picture.image(), picture.mask(), 0xFF2020));
        }
        return sheet.render();
    }
}
