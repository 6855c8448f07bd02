package io.diffusionad.settings;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.frame.FrameRange;
import io.diffusionad.nn.ActivationRanges;
import io.diffusionad.nn.ActivationRanges.Range;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CalibrationTest {
    private static final ModelCard BARE =
            ModelCard.uncalibrated(ModelSettings.of(32, 32, 4, List.of(1.0, 1.0)), "bottle", 700, 3);
    /** 0.1 0.2 … in thirds, so that text must keep every bit. */
    private static final List<Double> HUNDRED =
            IntStream.rangeClosed(1, 100).mapToObj(i -> i / 300.0).toList();

    @Test
    void aCardKeepsScoresFramesAndEvidenceToTheLastBit() {
        ModelCard card = BARE.toBuilder()
                .calibration(Calibration.of(HUNDRED, List.of(), 0.7, 0.02))
                .frames(FrameRange.of(Map.of("red", new double[] {0.1, 1 / 3.0})))
                .evidence(new Evidence(90, 10, 1 / 3.0, 0.2, 0.9))
                .int8(new Int8Calibration(
                        new ActivationRanges(Map.of("a", new Range(-1, 1))),
                        Calibration.of(List.of(0.5), List.of(0.25), 0.3, 0.1)))
                .build();
        Map<String, String> metadata = card.toMetadata();
        assertEquals(card, ModelCard.fromMetadata(metadata, "file"));
        assertEquals(2 / 101.0, Double.parseDouble(metadata.get("diffusionad.promised_false_alarms")));
        assertTrue(
                metadata.get("diffusionad.false_alarm_interval").startsWith("[0.002"),
                metadata.get("diffusionad.false_alarm_interval"));
        assertEquals("[0.5]", metadata.get("diffusionad.int8_good_scores"));
    }

    @Test
    void aCheckpointOfAnEarlierVersionKeepsItsThresholds() {
        Map<String, String> old = BARE.toMetadata();
        old.keySet().removeIf(key -> key.endsWith("scores") || key.endsWith("rate"));
        old.put("diffusionad.threshold", "0.125");
        old.put("diffusionad.pixel_threshold", "0.25");
        old.put("diffusionad.calibration_images", "64");
        ModelCard card = ModelCard.fromMetadata(old, "file");
        assertEquals(new Calibration(0.125, 0.25, 64), card.calibration());
        assertTrue(card.frames().isAny());
        assertEquals(List.of(), card.warnings());
        assertTrue(Double.isNaN(card.calibration().percentile(1)));
        assertTrue(
                card.calibration().promise().startsWith("nothing is known about its false alarms"),
                card.calibration().promise());
        String message = assertThrows(InvalidInputException.class, () -> card.withFalseAlarms(0.1))
                .getMessage();
        assertTrue(message.contains("calibrate --unseen"), message);
    }

    @Test
    void anotherRateTakesAnotherRankOfTheStoredScores() {
        Calibration calibration = Calibration.of(HUNDRED, List.of(), 0.7, 0.02);
        assertEquals(99 / 300.0, calibration.threshold());
        assertEquals(91 / 300.0, calibration.at(0.1).threshold());
        assertEquals(100 / 300.0, calibration.at(0.001).threshold());
        assertEquals(0.7, calibration.at(0.1).pixelThreshold());
        assertEquals(
                "at most 2.0 % of good images are reported (95 % interval of the true rate: 0.24 % to 5.4 %), by 100 held-out good images",
                calibration.promise());
        assertTrue(
                calibration
                        .at(0.001)
                        .promise()
                        .startsWith("100 held-out good images promise at best that 0.99 % of good images are reported"),
                calibration.at(0.001).promise());
        assertTrue(
                calibration.at(0.001).promise().endsWith("0.10 % could be promised with 999"),
                calibration.at(0.001).promise());
        for (double impossible : new double[] {0, 1, -0.1, Double.NaN}) {
            assertThrows(InvalidInputException.class, () -> calibration.at(impossible));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.00333, 0", "0.0033333333333333335, 1", "0.17, 51", "0.5, 100"})
    void percentilesCountTheGoodScoresAtOrBelow(double score, double percentile) {
        assertEquals(percentile, Calibration.of(HUNDRED, List.of(), 0.7, 0.02).percentile(score));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "[null]", "[1e999]", "{}", "[\"a\"]"})
    void damagedScoresAreRefused(String text) {
        Map<String, String> metadata = BARE.withCalibration(Calibration.of(HUNDRED, List.of(), 0.7, 0.02))
                .toMetadata();
        metadata.put("diffusionad.good_scores", text);
        String message = assertThrows(InvalidInputException.class, () -> ModelCard.fromMetadata(metadata, "file"))
                .getMessage();
        assertTrue(message.contains("file is damaged") && message.contains("good_scores"), message);
    }

    @ParameterizedTest
    @CsvSource({
        "false_alarm_rate, 2",
        "false_alarm_rate, NaN",
        "frames, {\"red\":[1]}",
        "frames, {\"smell\":[1;2]}",
        "evidence, {\"trained\":1}",
        "evidence, {\"trained\":1;\"heldOut\":1;\"synthetic\":[1]}"
    })
    void otherDamageIsRefused(String key, String text) {
        Map<String, String> metadata = BARE.withCalibration(Calibration.of(HUNDRED, List.of(), 0.7, 0.02))
                .toMetadata();
        metadata.put("diffusionad." + key, text.replace(';', ','));
        String message = assertThrows(InvalidInputException.class, () -> ModelCard.fromMetadata(metadata, "file"))
                .getMessage();
        assertTrue(message.contains("file is damaged") && message.contains(key), message);
    }

    @Test
    void whatSpeaksAgainstTrustIsSaid() {
        assertEquals(List.of(), new Evidence(100, 49, 0.97, 0.93, 0.8).warnings(600));
        assertWarns(new Evidence(100, 49, 0.97, 0.93, 0.8), 2, "2 steps only");
        assertWarns(
                new Evidence(3, 0, Double.NaN, Double.NaN, Double.NaN),
                600,
                "3 pictures only",
                "no good picture was held out");
        assertWarns(new Evidence(100, 49, 0.55, 0.44, 0.4), 600, "image AUROC 0.55 (0.5 is chance)");
        assertWarns(new Evidence(20, 2, 0.8, 0.45, 0.4), 600, "image AUROC 0.80");
        assertWarns(
                new Evidence(100, 49, 0.9, 0.8, 0),
                600,
                "0 % of the held-out synthetic defects lie above the threshold");
    }

    private static void assertWarns(Evidence evidence, long steps, String... words) {
        List<String> warnings = evidence.warnings(steps);
        assertEquals(words.length, warnings.size(), warnings.toString());
        for (int i = 0; i < words.length; i++) {
            assertTrue(warnings.get(i).contains(words[i]), warnings.get(i));
        }
    }
}
