package io.diffusionad.evaluate;

import io.diffusionad.data.Category;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

class HeldOutSplitTest {
    @Test
    void everyImageIsOnOneSideAndTheSeedDecidesWhich() {
        Category category = category(50);
        HeldOutSplit split = HeldOutSplit.of(category, 0.1, 7);
        assertEquals(5, split.heldOut().train().size());
        Set<Path> all = new HashSet<>(split.training().train());
        all.addAll(split.heldOut().train());
        assertEquals(new HashSet<>(category.train()), all);
        assertEquals(45, split.training().train().size());
        assertEquals(split, HeldOutSplit.of(category, 0.1, 7));
        assertNotEquals(split, HeldOutSplit.of(category, 0.1, 8));
    }

    @Test
    void fewImagesAllTrain() {
        HeldOutSplit split = HeldOutSplit.of(category(HeldOutSplit.MIN_IMAGES - 1), 0.1, 7);
        assertNull(split.heldOut());
        assertEquals(HeldOutSplit.MIN_IMAGES - 1, split.training().train().size());
        assertEquals(
                2,
                HeldOutSplit.of(category(HeldOutSplit.MIN_IMAGES), 0.1, 7)
                        .heldOut()
                        .train()
                        .size());
        assertNull(HeldOutSplit.of(category(50), 0, 7).heldOut());
    }

    @Test
    void asManyAsARateNeedsAreHeldOutWhereAQuarterHasThem() {
        assertEquals(
                49, HeldOutSplit.of(category(209), 0.1, 49, 7).heldOut().train().size());
        assertEquals(
                160,
                HeldOutSplit.of(category(209), 0.1, 49, 7).training().train().size());
        assertEquals(
                15, HeldOutSplit.of(category(60), 0.1, 49, 7).heldOut().train().size());
        assertEquals(
                100,
                HeldOutSplit.of(category(1000), 0.1, 49, 7).heldOut().train().size());
        assertEquals(
                2, HeldOutSplit.of(category(9), 0.1, 49, 7).heldOut().train().size());
        assertNull(HeldOutSplit.of(category(209), 0, 49, 7).heldOut());
    }

    @Test
    void validationImagesOfTheDataSetAreHeldOutAndNoneElse() {
        List<Path> validation = List.of(Path.of("validation", "good", "0.png"), Path.of("validation", "good", "1.png"));
        Category category = category(50).toBuilder().validation(validation).build();
        HeldOutSplit split = HeldOutSplit.of(category, 0.1, 49, 7);
        assertEquals(validation, split.heldOut().train());
        assertEquals(category.train(), split.training().train());
    }

    private static Category category(int images) {
        List<Path> files = IntStream.range(0, images)
                .mapToObj(i -> Path.of("train", "good", String.format("%03d.png", i)))
                .toList();
        return Category.builder()
                .name("things")
                .folder(Path.of("things"))
                .train(files)
                .build();
    }
}
