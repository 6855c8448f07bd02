package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.DefectSaturation;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.evaluate.HeldOutSplit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Every published layout, as it lies on disk after unpacking, in small. */
class PublishedLayoutsTest {
    @TempDir
    Path root;

    private Tree tree;

    @BeforeEach
    void tree() {
        tree = new Tree(root);
    }

    private void assertTests(String expected, Category category) {
        assertEquals(expected, tree.tests(category));
    }

    private String title() {
        return Dataset.open(root).layout().title();
    }

    @Test
    void mvtecAd2CalibratesOnItsValidationPictures() {
        tree.pictures(
                        "can/train/good/0.png",
                        "can/validation/good/1.png",
                        "can/validation/good/2.png",
                        "can/test_public/good/3.png",
                        "can/test_public/bad/4.png",
                        "can/test_private/5.png",
                        "can/test_private_mixed/6.png")
                .masks(255, "can/test_public/ground_truth/bad/4_mask.png");
        Category can = tree.read("can");
        assertEquals("MVTec AD 2", title());
        assertEquals("can/train/good/0.png", tree.names(can.train()));
        assertEquals("can/validation/good/1.png can/validation/good/2.png", tree.names(can.validation()));
        assertTests(
                """
                can/test_public/bad/4.png bad! <can/test_public/ground_truth/bad/4_mask.png
                can/test_public/good/3.png good
                """,
                can);
        assertEquals("can/test_private can/test_private_mixed", tree.unused(can));
        HeldOutSplit split = HeldOutSplit.of(can, 0.1, 7);
        assertEquals(can.train(), split.training().train());
        assertEquals(can.validation(), split.heldOut().train());
    }

    @Test
    void locoUnitesMasksAndReadsSaturations() {
        tree.pictures(
                        "box/train/good/0.png",
                        "box/validation/good/1.png",
                        "box/test/good/2.png",
                        "box/test/logical_anomalies/3.png",
                        "box/test/structural_anomalies/3.png")
                .masks(253, "box/ground_truth/logical_anomalies/3/000.png")
                .masks(247, "box/ground_truth/logical_anomalies/3/001.png")
                .masks(244, "box/ground_truth/structural_anomalies/3/000.png")
                .text(
                        "box/defects_config.json",
                        """
                        [{"defect_name": "missing", "pixel_value": 253, "saturation_threshold": 100, "relative_saturation": false},
                         {"defect_name": "bent", "pixel_value": 247, "saturation_threshold": 0.5, "relative_saturation": true}]""");
        Category box = tree.read("box");
        assertEquals("MVTec LOCO AD", title());
        assertTests(
                """
                box/test/logical_anomalies/3.png logical_anomalies! <box/ground_truth/logical_anomalies/3/000.png <box/ground_truth/logical_anomalies/3/001.png
                box/test/structural_anomalies/3.png structural_anomalies! <box/ground_truth/structural_anomalies/3/000.png
                box/test/good/2.png good
                """,
                box);
        assertEquals("box/validation/good/1.png", tree.names(box.validation()));
        assertEquals(
                new DefectSaturation("missing", 253, 100, false),
                box.saturations().get(253));
        assertEquals(100, box.saturations().get(253).area(5000));
        assertEquals(60, box.saturations().get(253).area(60));
        assertEquals(30, box.saturations().get(247).area(60));
        tree.text("box/defects_config.json", "{}");
        assertTrue(assertThrows(InvalidInputException.class, () -> tree.read("box"))
                .getMessage()
                .contains("defects_config.json"));
    }

    @Test
    void btadCallsThemOkAndKo() {
        tree.pictures("01/train/ok/0.bmp", "01/test/ok/1.bmp", "01/test/ko/2.bmp")
                .masks(255, "01/ground_truth/ko/2.png")
                .pictures("02/train/ok/0.png", "02/test/ok/1.png", "02/test/ko/2.png")
                .masks(255, "02/ground_truth/ko/2.png");
        assertEquals("BTAD", title());
        assertEquals(List.of("01", "02"), Dataset.open(root).categoryNames());
        assertTests("01/test/ko/2.bmp ko! <01/ground_truth/ko/2.png\n01/test/ok/1.bmp good\n", tree.read("01"));
        assertEquals("02/train/ok/0.png", tree.names(tree.read("02").train()));
    }

    @Test
    void dagmNeverTrainsOnDefects() {
        tree.pictures(
                        "Class1/Train/0001.PNG",
                        "Class1/Train/0002.PNG",
                        "Class1/Train/0576.PNG",
                        "Class1/Train/0577.PNG",
                        "Class1/Test/0001.PNG",
                        "Class1/Test/0600.PNG")
                .masks(255, "Class1/Train/Label/0576_label.PNG", "Class1/Test/Label/0600_label.PNG")
                .text(
                        "Class1/Train/Label/Labels.txt",
                        "1\n0001\t0\t0001.PNG\t0\t0\n0576\t1\t0576.PNG\t1\t0576_label.PNG\n0577\t1\t0577.PNG\t1\t0577_label.PNG\n");
        Category dagm = tree.read("Class1");
        assertEquals("DAGM 2007", title());
        assertTrue(dagm.isKnownTexture());
        assertEquals("Class1/Train/0001.PNG Class1/Train/0002.PNG", tree.names(dagm.train()));
        assertEquals("Class1/Train/0576.PNG Class1/Train/0577.PNG", tree.unused(dagm));
        assertTests(
                "Class1/Test/0600.PNG defect! <Class1/Test/Label/0600_label.PNG\nClass1/Test/0001.PNG good\n", dagm);
        Category train = new Tree(root.resolve("Class1/Train")).read("Train");
        assertEquals(dagm.train(), train.train());
        assertEquals(List.of(), train.test());
    }

    @Test
    void kolektorSplitsByCommutator() {
        for (int item = 1; item <= 10; item++) {
            for (int part = 0; part < 2; part++) {
                String name = String.format("kos%02d/Part%d", item, part);
                tree.pictures(name + ".jpg").masks(item == 3 && part == 1 ? 255 : 0, name + "_label.bmp");
            }
        }
        Category kolektor = tree.read(root.getFileName().toString());
        assertEquals("KolektorSDD", title());
        assertEquals(15, kolektor.train().size());
        assertTests(
                """
                kos03/Part1.jpg defect! <kos03/Part1_label.bmp
                kos05/Part0.jpg good
                kos05/Part1.jpg good
                kos10/Part0.jpg good
                kos10/Part1.jpg good
                """,
                kolektor);
        assertEquals(19, kolektor.unused().size());
        assertFalse(tree.names(kolektor.train()).contains("label"));
    }

    @Test
    void kolektorInOneFolder() {
        for (int part = 0; part < 6; part++) {
            tree.pictures("kos01_Part" + part + ".jpg").masks(part == 2 ? 1 : 0, "kos01_Part" + part + "_label.bmp");
        }
        Category kolektor = tree.read(root.getFileName().toString());
        assertEquals("KolektorSDD", title());
        assertTests("kos01_Part2.jpg defect! <kos01_Part2_label.bmp\nkos01_Part5.jpg good\n", kolektor);
        assertEquals(4, kolektor.train().size());
    }

    @Test
    void kolektor2NeverTrainsOnDefects() {
        tree.pictures("train/1.png", "train/2.png", "test/3.png", "test/4.png")
                .masks(0, "train/1_GT.png", "test/4_GT.png")
                .masks(255, "train/2_GT.png", "test/3_GT.png");
        Category kolektor = tree.read(root.getFileName().toString());
        assertEquals("KolektorSDD2", title());
        assertEquals("train/1.png", tree.names(kolektor.train()));
        assertTests("test/3.png defect! <test/3_GT.png\ntest/4.png good\n", kolektor);
        assertEquals("test/4_GT.png train/1_GT.png train/2.png train/2_GT.png", tree.unused(kolektor));
    }

    @Test
    void realIadFollowsItsSplits() {
        String split =
                """
                {"meta": {"normal_class": "OK", "prefix": "mint/"},
                 "train": [{"category": "mint", "anomaly_class": "OK", "image_path": "OK/S1/a.jpg", "mask_path": null},
                           {"category": "mint", "anomaly_class": "HS", "image_path": "NG/HS/S2/b.jpg", "mask_path": "NG/HS/S2/b.png"}],
                 "test": [{"category": "mint", "anomaly_class": "OK", "image_path": "OK/S3/c.jpg", "mask_path": null},
                          {"category": "mint", "anomaly_class": "AK", "image_path": "NG/AK/S4/d.jpg", "mask_path": "NG/AK/S4/d.png"}]}""";
        for (String size : new String[] {"realiad_256", "realiad_1024"}) {
            for (String name : new String[] {"OK/S1/a", "NG/HS/S2/b", "OK/S3/c", "NG/AK/S4/d"}) {
                tree.pictures(size + "/mint/" + name + ".jpg");
            }
            tree.masks(255, size + "/mint/NG/HS/S2/b.png", size + "/mint/NG/AK/S4/d.png");
        }
        tree.text("realiad_jsons/realiad_jsons/mint.json", split);
        Category mint = tree.read("mint");
        assertEquals("Real-IAD", title());
        assertEquals("realiad_1024/mint/OK/S1/a.jpg", tree.names(mint.train()));
        assertTests(
                "realiad_1024/mint/NG/AK/S4/d.jpg AK! <realiad_1024/mint/NG/AK/S4/d.png\nrealiad_1024/mint/OK/S3/c.jpg good\n",
                mint);
        assertEquals("realiad_1024/mint/NG/HS/S2/b.jpg", tree.unused(mint));
        assertEquals(
                mint.test(),
                new Tree(root.resolve("realiad_1024/mint")).read("mint").test());
        tree.text("realiad_jsons/realiad_jsons/mint.json", "[]");
        assertTrue(assertThrows(InvalidInputException.class, () -> tree.read("mint"))
                .getMessage()
                .contains("mint.json is not a split"));
        tree.text("realiad_jsons/realiad_jsons/mint.json", split.replace("d.jpg", "gone.jpg"));
        assertTrue(assertThrows(InvalidInputException.class, () -> tree.read("mint"))
                .getMessage()
                .contains("gone.jpg"));
    }

    @Test
    void vadLeavesDefectiveTrainingPicturesOut() {
        tree.pictures(
                "vad/train/good/0.png",
                "vad/train/bad/1.png",
                "vad/test/good/2.png",
                "vad/test/bad/3.png",
                "vad/test/bad_unseen_defects/4.png");
        Category vad = tree.read("vad");
        assertEquals("VAD", title());
        assertEquals("vad/train/good/0.png", tree.names(vad.train()));
        assertEquals("vad/train/bad", tree.unused(vad));
        assertTests(
                "vad/test/bad/3.png bad!\nvad/test/bad_unseen_defects/4.png bad_unseen_defects!\nvad/test/good/2.png good\n",
                vad);
    }

    @Test
    void magneticTilesHaveMasksAndIllustrationsBeside() {
        tree.pictures("overview.jpg", "method.png", "MT_Crack/Imgs/exp1_num_7.jpg")
                .masks(255, "MT_Crack/Imgs/exp1_num_7.png");
        for (int tile = 1; tile <= 5; tile++) {
            tree.pictures("MT_Free/Imgs/exp0_num_" + tile + ".jpg", "MT_Free/Imgs/exp1_num_" + tile + ".jpg")
                    .masks(0, "MT_Free/Imgs/exp0_num_" + tile + ".png");
        }
        Category tiles = tree.read(root.getFileName().toString());
        assertEquals("magnetic tile defects", title());
        assertEquals(8, tiles.train().size());
        assertTests(
                """
                MT_Crack/Imgs/exp1_num_7.jpg crack! <MT_Crack/Imgs/exp1_num_7.png
                MT_Free/Imgs/exp0_num_5.jpg good
                MT_Free/Imgs/exp1_num_5.jpg good
                """,
                tiles);
        assertTrue(tree.unused(tiles).contains("method.png overview.jpg"), tree.unused(tiles));
        assertFalse(tree.names(tiles.train()).contains("png"));
    }

    @Test
    void visaSplitsComeFromItsTable() {
        tree.pictures(
                        "pcb1/Data/Images/Normal/0.JPG",
                        "pcb1/Data/Images/Normal/1.JPG",
                        "pcb1/Data/Images/Anomaly/0.JPG")
                .masks(3, "pcb1/Data/Masks/Anomaly/0.png")
                .text(
                        "split_csv/1cls.csv",
                        """
                        object,split,label,image,mask
                        pcb1,train,normal,pcb1/Data/Images/Normal/0.JPG,
                        pcb1,test,normal,pcb1/Data/Images/Normal/1.JPG,
                        pcb1,test,anomaly,pcb1/Data/Images/Anomaly/0.JPG,pcb1/Data/Masks/Anomaly/0.png
                        """);
        assertTests(
                "pcb1/Data/Images/Anomaly/0.JPG bad! <pcb1/Data/Masks/Anomaly/0.png\npcb1/Data/Images/Normal/1.JPG good\n",
                tree.read("pcb1"));
    }

    @Test
    void visaOneClassAndMpddAreAsMvtec() {
        tree.pictures("candle/train/good/0.JPG", "candle/test/good/1.JPG", "candle/test/bad/2.JPG")
                .masks(255, "candle/ground_truth/bad/2.png")
                .pictures("tubes/train/good/0.png", "tubes/test/good/1.png", "tubes/test/anomalous/2.png")
                .masks(255, "tubes/ground_truth/anomalous/2_mask.png");
        assertEquals("MVTec", title());
        assertTests(
                "candle/test/bad/2.JPG bad! <candle/ground_truth/bad/2.png\ncandle/test/good/1.JPG good\n",
                tree.read("candle"));
        assertTests(
                "tubes/test/anomalous/2.png anomalous! <tubes/ground_truth/anomalous/2_mask.png\ntubes/test/good/1.png good\n",
                tree.read("tubes"));
    }
}
