package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Folders as users arrange them: names of good folders, masks beside pictures, pictures in subfolders. */
class OwnFoldersTest {
    @TempDir
    Path root;

    private Tree tree;

    @BeforeEach
    void tree() {
        tree = new Tree(root);
    }

    @ParameterizedTest
    @CsvSource({
        "good, good, crack",
        "ok, OK, ko",
        "OK, OK, NG",
        "Good, normal, bad",
        "Normal, good parts, defect",
        "GOOD, Ok, Broken"
    })
    void goodFoldersHaveManyNames(String train, String good, String defect) {
        tree.pictures("nut/train/" + train + "/0.png", "nut/test/" + good + "/1.png", "nut/test/" + defect + "/2.png")
                .masks(255, "nut/ground_truth/" + defect + "/2_mask.png");
        Category nut = tree.read("nut");
        assertEquals(1, nut.train().size());
        assertEquals(
                "nut/test/" + defect + "/2.png " + defect + "! <nut/ground_truth/" + defect + "/2_mask.png\nnut/test/"
                        + good + "/1.png good\n",
                tree.tests(nut));
    }

    @Test
    void severalGoodFoldersAreAllGoodAndTheirBlackMasksDoNotMatter() {
        tree.pictures(
                        "nut/train/good/0.png",
                        "nut/train/ok/0.png",
                        "nut/test/good/1.png",
                        "nut/test/ok/1.png",
                        "nut/test/crack/2.png")
                .masks(255, "nut/ground_truth/crack/2_mask.png")
                .masks(0, "nut/ground_truth/ok/1_mask.png");
        Category nut = tree.read("nut");
        assertEquals("nut/train/good/0.png nut/train/ok/0.png", tree.names(nut.train()));
        assertEquals(
                "nut/test/crack/2.png crack! <nut/ground_truth/crack/2_mask.png\nnut/test/good/1.png good\nnut/test/ok/1.png good\n",
                tree.tests(nut));
    }

    @Test
    void masksBesidePicturesAreMasks() {
        tree.pictures(
                        "nut/train/good/0.png",
                        "nut/test/good/1.png",
                        "nut/test/crack/2.png",
                        "nut/test/crack/3.jpg",
                        "nut/test/crack/4.png",
                        "nut/test/crack/5.png")
                .masks(
                        255,
                        "nut/test/crack/2_mask.png",
                        "nut/test/crack/3.png",
                        "nut/test/crack/4_GT.png",
                        "nut/test/crack/labels/5.png")
                .masks(0, "nut/train/good/0_label.png", "nut/test/good/1_gt.png");
        Category nut = tree.read("nut");
        assertEquals("nut/train/good/0.png", tree.names(nut.train()));
        assertEquals(
                """
                nut/test/crack/2.png crack! <nut/test/crack/2_mask.png
                nut/test/crack/3.jpg crack! <nut/test/crack/3.png
                nut/test/crack/4.png crack! <nut/test/crack/4_GT.png
                nut/test/crack/5.png crack! <nut/test/crack/labels/5.png
                nut/test/good/1.png good
                """,
                tree.tests(nut));
        assertEquals("nut/test/good/1_gt.png nut/train/good/0_label.png", tree.unused(nut));
    }

    @Test
    void masksApartGoBeforeThoseBeside() {
        tree.pictures("nut/train/good/0.png", "nut/test/crack/2.png", "nut/test/crack/3.png")
                .masks(
                        255,
                        "nut/test/crack/2_mask.png",
                        "nut/ground_truth/crack/2_mask.png",
                        "nut/ground_truth/crack/3.png",
                        "nut/ground_truth/crack/9_mask.png");
        Category nut = tree.read("nut");
        assertEquals(
                "nut/test/crack/2.png crack! <nut/ground_truth/crack/2_mask.png\nnut/test/crack/3.png crack! <nut/ground_truth/crack/3.png\n",
                tree.tests(nut));
        assertEquals("nut/ground_truth/crack/9_mask.png nut/test/crack/2_mask.png", tree.unused(nut));
    }

    @Test
    void aPictureOfTwoTypesStaysTwoPictures() {
        tree.pictures("a.jpg", "a.png", "face_mask.png");
        assertEquals(
                "a.jpg a.png face_mask.png",
                tree.names(tree.read(root.getFileName().toString()).train()));
    }

    @Test
    void aPlainFolderLeavesItsLabelsOut() {
        tree.pictures("a.jpg", "b.png").masks(0, "a_label.bmp", "b_mask.png", "masks/a.png");
        Category plain = tree.read(root.getFileName().toString());
        assertEquals("a.jpg b.png", tree.names(plain.train()));
        assertEquals("a_label.bmp b_mask.png masks", tree.unused(plain));
    }

    @Test
    void aFewPicturesAboveFullFoldersAreAQuestion() {
        tree.pictures("overview.png", "figure.png", "Free/Imgs/0.png", "Free/Imgs/1.png", "Crack/Imgs/0.png");
        String message = assertThrows(
                        InvalidInputException.class, () -> Dataset.open(root).onlyCategory())
                .getMessage();
        assertTrue(
                message.contains("itself holds 2 pictures")
                        && message.contains("subfolders hold 3")
                        && message.contains("Free/Imgs (2)")
                        && message.contains("--data " + root.resolve("Free/Imgs") + ","),
                message);
    }

    @Test
    void foldersWithoutPicturesNameThoseBelow() {
        tree.pictures("bad/1.png", "parts/0.png");
        String message = assertThrows(InvalidInputException.class, () -> Dataset.open(root))
                .getMessage();
        assertTrue(message.contains("found no data") && message.contains("bad (1), parts (1)"), message);
    }

    @Test
    void defectivePicturesNeverTrain() {
        tree.pictures("nut/train/good/0.png", "nut/train/crack/1.png", "nut/test/good/2.png");
        Category nut = tree.read("nut");
        assertEquals("nut/train/good/0.png", tree.names(nut.train()));
        assertEquals("nut/train/crack", tree.unused(nut));
    }
}
