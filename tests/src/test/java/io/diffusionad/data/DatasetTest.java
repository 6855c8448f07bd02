package io.diffusionad.data;

import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Preparation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DatasetTest {
    @TempDir
    Path root;

    private static String message(Executable action) {
        return assertThrows(InvalidInputException.class, action).getMessage();
    }

    private void mvtec(String category, String maskSuffix) {
        Path folder = root.resolve(category);
        for (int i = 2; i >= 0; i--) {
            Pictures.writeNoise(folder.resolve("train/good/00" + i + ".png"), 12, 10);
        }
        Pictures.writeNoise(folder.resolve("test/good/000.png"), 12, 10);
        Pictures.writeNoise(folder.resolve("test/crack/000.png"), 12, 10);
        Pictures.writeNoise(folder.resolve("test/crack/001.png"), 12, 10);
        Pictures.writeMask(folder.resolve("ground_truth/crack/000" + maskSuffix), 12, 10, 255);
        Pictures.writeMask(folder.resolve("ground_truth/crack/001" + maskSuffix), 12, 10, 255);
    }

    private static TestSample load(Category category, int number, int size, MaskThreshold threshold) {
        return TestSample.load(
                category.test().get(number),
                MaskReader.of(category, new MaskOptions(threshold)),
                Preparation.REFERENCE,
                size);
    }

    @Test
    void mvtecIsRecognisedAndSorted() {
        mvtec("nut", "_mask.png");
        mvtec("bolt", "_mask.png");
        Dataset dataset = Dataset.open(root);
        assertEquals("MVTec", dataset.layout().title());
        assertEquals(List.of("bolt", "nut"), dataset.categoryNames());
        Category nut = dataset.category("nut");
        assertEquals(
                List.of("000.png", "001.png", "002.png"),
                nut.train().stream().map(path -> path.getFileName().toString()).toList());
        assertEquals(
                List.of("crack", "crack", "good"),
                nut.test().stream().map(TestImage::kind).toList());
        assertEquals(
                "000_mask.png",
                nut.requireMasks().get(0).masks().get(0).getFileName().toString());
        assertEquals(List.of(), nut.test().get(2).masks());
        assertFalse(nut.test().get(2).anomalous());
    }

    @Test
    void aCategorysOwnFolderWillDo() {
        mvtec("nut", "_mask.png");
        assertEquals("nut", Dataset.open(root.resolve("nut")).onlyCategory().name());
    }

    @Test
    void masksOfDagmAndVisaAreFound() {
        mvtec("Class1", "_label.PNG");
        mvtec("candle", ".png");
        Dataset dataset = Dataset.open(root);
        assertEquals(
                "001_label.PNG",
                dataset.category("Class1")
                        .requireMasks()
                        .get(1)
                        .masks()
                        .get(0)
                        .getFileName()
                        .toString());
        assertEquals(
                "001.png",
                dataset.category("candle")
                        .requireMasks()
                        .get(1)
                        .masks()
                        .get(0)
                        .getFileName()
                        .toString());
        assertTrue(dataset.category("Class1").isKnownTexture());
        assertTrue(dataset.category("candle").isKnownObject());
    }

    @Test
    void visaAsPublishedFollowsItsSplit() throws IOException {
        for (String name : new String[] {"Normal/0", "Normal/1", "Anomaly/0", "Anomaly/1"}) {
            Pictures.writeNoise(root.resolve("pcb1/Data/Images/" + name + ".png"), 12, 10);
        }
        Pictures.writeMask(root.resolve("pcb1/Data/Masks/Anomaly/0.png"), 12, 10, 3);
        Files.createDirectories(root.resolve("split_csv"));
        Files.writeString(
                root.resolve("split_csv/1cls.csv"),
                """
                object,split,label,image,mask
                other,train,normal,other/Data/Images/Normal/0.png,
                pcb1,train,normal,pcb1/Data/Images/Normal/0.png,
                pcb1,test,normal,pcb1/Data/Images/Normal/1.png,
                pcb1,test,anomaly,pcb1/Data/Images/Anomaly/0.png,pcb1/Data/Masks/Anomaly/0.png
                """);
        Category category = Dataset.open(root).category("pcb1");
        assertEquals(1, category.train().size());
        assertEquals(2, category.requireMasks().size());
        TestSample sample = load(category, 0, 12, MaskThreshold.HALF);
        assertTrue(sample.mask()[0], "class numbers are anomalous however small");
        assertFalse(sample.mask()[143]);
        Files.delete(root.resolve("split_csv/1cls.csv"));
        assertTrue(message(() -> Dataset.open(root).category("pcb1")).contains("1cls.csv"));
    }

    @Test
    void aFolderOfImagesIsATrainingSet() {
        Pictures.writeNoise(root.resolve("b.PNG"), 8, 8);
        Pictures.writeNoise(root.resolve("a.png"), 8, 8);
        Category category = Dataset.open(root).onlyCategory();
        assertEquals("plain folder", category.layout().title());
        assertEquals("a.png", category.train().get(0).getFileName().toString());
        assertTrue(message(category::requireTest).contains("has no test images"));
    }

    @Test
    void unusableFoldersAreExplained() throws IOException {
        assertTrue(message(() -> Dataset.open(root)).contains("found no data in " + root));
        assertTrue(message(() -> Dataset.open(root.resolve("gone"))).contains("does not exist"));
        Path file = Files.createFile(root.resolve("file.txt"));
        assertTrue(message(() -> Dataset.open(file)).contains("is a file"));
        Files.createDirectories(root.resolve("empty/train/good"));
        assertTrue(message(() -> Dataset.open(root).category("empty")).contains("no good images"));
        mvtec("nut", "_mask.png");
        assertTrue(message(() -> Dataset.open(root).category("bolt")).contains("found empty, nut"));
        assertTrue(message(() -> Dataset.open(root).onlyCategory()).contains("choose one with --category: empty, nut"));
    }

    @Test
    void missingMasksAreNamed() throws IOException {
        mvtec("nut", "_mask.png");
        Files.delete(root.resolve("nut/ground_truth/crack/001_mask.png"));
        Category nut = Dataset.open(root).onlyCategory();
        assertTrue(message(nut::requireMasks).contains("crack/001.png"));
        assertNull(load(nut, 1, 8, MaskThreshold.HALF).mask());
    }

    @Test
    void masksOfAnotherSizeAreNamed() {
        mvtec("nut", "_mask.png");
        Pictures.writeMask(root.resolve("nut/ground_truth/crack/000_mask.png"), 10, 12, 255);
        Category nut = Dataset.open(root).onlyCategory();
        String message = message(() -> load(nut, 0, 8, MaskThreshold.HALF));
        assertTrue(message.contains("000_mask.png is 10x12") && message.contains("is 12x10"), message);
    }

    @Test
    void theReferencesMaskCastCountsFullWhiteOnly() {
        mvtec("nut", "_mask.png");
        Category nut = Dataset.open(root).onlyCategory();
        int half = count(load(nut, 0, 31, MaskThreshold.HALF).mask());
        int cast = count(load(nut, 0, 31, MaskThreshold.REFERENCE).mask());
        assertTrue(cast < half, cast + " of " + half);
    }

    private static int count(boolean[] mask) {
        int count = 0;
        for (boolean value : mask) {
            count += value ? 1 : 0;
        }
        return count;
    }

    @Test
    void trainingImagesAreResizedInOrder() {
        mvtec("nut", "_mask.png");
        TrainingImages images =
                TrainingImages.load(Dataset.open(root).onlyCategory().train(), Preparation.REFERENCE, 16);
        assertEquals(3, images.count());
        assertArrayEquals(
                TrainingImages.load(List.of(root.resolve("nut/train/good/001.png")), Preparation.REFERENCE, 16)
                        .get(0)
                        .rgb(),
                images.get(1).rgb());
        assertTrue(message(() -> TrainingImages.load(List.of(), Preparation.REFERENCE, 8))
                .contains("no good images"));
        assertTrue(message(() -> TrainingImages.load(List.of(root.resolve("x.png")), Preparation.REFERENCE, 8))
                .contains("x.png"));
    }
}
