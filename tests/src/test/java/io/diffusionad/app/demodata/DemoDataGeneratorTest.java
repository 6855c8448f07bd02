package io.diffusionad.app.demodata;

import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.MaskThreshold;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.TestSample;
import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.image.Preparation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DemoDataGeneratorTest {
    private static final List<Product> PRODUCTS = List.of(new Fabric(), new Washer(), new Board());

    static Stream<Product> products() {
        return PRODUCTS.stream();
    }

    @Test
    void theLayoutIsMvtecsAndTheBytesFollowFromTheSeed(@TempDir Path folder) throws Exception {
        DemoDataGenerator.Counts counts = new DemoDataGenerator.Counts(1, 1, 9);
        AtomicInteger done = new AtomicInteger();
        DemoDataGenerator.generate(folder.resolve("a"), 3, counts, n -> done.addAndGet(n));
        assertEquals(counts.total(), done.get());
        Dataset dataset = Dataset.open(folder.resolve("a"));
        assertEquals(Set.copyOf(DemoDataGenerator.categories()), Set.copyOf(dataset.categoryNames()));
        for (String name : dataset.categoryNames()) {
            Category category = dataset.category(name);
            assertEquals(1, category.train().size());
            assertEquals(10, category.requireMasks().size());
            for (TestImage file : category.test()) {
                boolean any = false;
                for (boolean value : TestSample.load(
                                file,
                                MaskReader.of(category, new MaskOptions(MaskThreshold.REFERENCE)),
                                Preparation.REFERENCE,
                                256)
                        .mask()) {
                    any |= value;
                }
                assertEquals(file.anomalous(), any, file.image().toString());
            }
        }
        DemoDataGenerator.generate(folder.resolve("b"), 3, new DemoDataGenerator.Counts(1, 1, 2), n -> {});
        Path same = Path.of("washer/test/scratch/000.png");
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("a").resolve(same)),
                Files.readAllBytes(folder.resolve("b").resolve(same)));
    }

    @ParameterizedTest
    @MethodSource("products")
    void everyDefectIsVisibleAndItsMaskExact(Product product) {
        for (int i = 0; i < product.defects().size(); i++) {
            String defect = product.defects().get(i);
            long number = 500 + 37 * i;
            DemoPicture whole = DemoPicture.take(product, null, 1, number);
            DemoPicture spoiled = DemoPicture.take(product, defect, 1, number);
            int marked = 0;
            for (int p = 0; p < spoiled.mask().length; p++) {
                int difference = 0;
                for (int c = 3 * p; c < 3 * p + 3; c++) {
                    difference = Math.max(
                            difference,
                            Math.abs((whole.image().rgb()[c] & 0xFF)
                                    - (spoiled.image().rgb()[c] & 0xFF)));
                }
                marked += spoiled.mask()[p] ? 1 : 0;
                assertTrue(
                        spoiled.mask()[p] ? difference >= 7 : difference <= 13,
                        product.name() + " " + defect + ": a difference of " + difference + " where the mask says "
                                + spoiled.mask()[p]);
            }
            assertTrue(
                    marked >= 60 && marked < 256 * 256 / 12,
                    product.name() + " " + defect + " marks " + marked + " pixels");
        }
    }

    @Test
    void thereAreManyKindsOfDefects() {
        Set<String> kinds = new HashSet<>();
        PRODUCTS.forEach(product -> kinds.addAll(product.defects()));
        assertTrue(kinds.size() >= 8, kinds.toString());
    }

    @ParameterizedTest
    @MethodSource("products")
    void goodPicturesVary(Product product) {
        DemoPicture one = DemoPicture.take(product, null, 1, 0);
        DemoPicture two = DemoPicture.take(product, null, 1, 1);
        assertFalse(Arrays.equals(one.image().rgb(), two.image().rgb()));
        assertArrayEquals(new boolean[256 * 256], one.mask());
    }
}
