package io.diffusionad.nn;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class UNetConfigTest {
    @ParameterizedTest
    @CsvSource({
        "256, '128,128,256,256,512,512', 32",
        "128, '128,128,256,384,512', 16",
        "64, '128,256,384,512', 8",
        "32, '128,256,384,512', 8",
        "512, '64,128,128,256,256,512,512', 64"
    })
    void defaultWidthsFollowTheImageSize(int imageSize, String widths, int factor) {
        UNetConfig config = UNetConfig.of(imageSize, 128);
        List<String> actual = IntStream.range(0, config.levels())
                .mapToObj(level -> String.valueOf(config.levelChannels(level)))
                .toList();
        assertEquals(List.of(widths.split(",")), actual);
        assertEquals(factor, config.deepestFactor());
    }

    @Test
    void widthsAreRoundedToWholeGroups() {
        UNetConfig config = UNetConfig.of(128, 32, List.of(0.1, 0.5, 1.6, 3.0));
        assertEquals(
                List.of(32, 32, 64, 96),
                IntStream.range(0, 4).mapToObj(config::levelChannels).toList());
    }

    @Test
    void attentionSitsAtTheFactorsOfItsResolutions() {
        UNetConfig config = UNetConfig.of(256, 128);
        assertEquals(
                List.of(8, 16, 32),
                IntStream.of(1, 2, 4, 8, 16, 32)
                        .filter(config::attentionAt)
                        .boxed()
                        .toList());
        assertEquals(
                List.of(1, 2, 4),
                IntStream.of(1, 2, 4, 8)
                        .filter(UNetConfig.of(32, 32)::attentionAt)
                        .boxed()
                        .toList());
    }

    @Test
    void headsAreCountedOrSized() {
        assertEquals(4, UNetConfig.of(64, 64).headsFor(256));
        assertEquals(8, new UNetConfig(64, 3, 64, List.of(1.0, 2.0), List.of(32), 2, 4, 16, true, 0).headsFor(128));
    }

    @Test
    void impossibleSettingsAreRefusedInOneSentence() {
        List<Double> two = List.of(1.0, 2.0);
        assertRefused("image size 65 must be a multiple of 2", () -> UNetConfig.of(65, 32, two));
        assertRefused("image size 100 has no default channel multipliers", () -> UNetConfig.of(100, 32));
        assertRefused("base channels must be a multiple of 32", () -> UNetConfig.of(64, 48, two));
        assertRefused("base channels must be a multiple of 32", () -> UNetConfig.of(64, 0, two));
        assertRefused("multipliers must be positive", () -> UNetConfig.of(64, 32, List.of()));
        assertRefused("multipliers must be positive", () -> UNetConfig.of(64, 32, List.of(1.0, Double.NaN)));
        assertRefused(
                "5 heads do not divide the 64 channels",
                () -> new UNetConfig(64, 3, 32, two, List.of(), 2, 5, -1, true, 0));
        assertRefused(
                "24 channels a head do not divide the 64 channels",
                () -> new UNetConfig(64, 3, 32, two, List.of(), 2, 4, 24, true, 0));
        assertRefused(
                "64 channels a head do not divide the 32 channels",
                () -> new UNetConfig(64, 3, 32, two, List.of(64), 2, 4, 64, true, 0));
        assertRefused("at least one head", () -> new UNetConfig(64, 3, 32, two, List.of(), 2, 0, -1, true, 0));
        assertRefused(
                "at least one residual block", () -> new UNetConfig(64, 3, 32, two, List.of(), 0, 4, -1, true, 0));
        assertRefused(
                "attention resolutions must be positive",
                () -> new UNetConfig(64, 3, 32, two, List.of(0), 2, 4, -1, true, 0));
        assertRefused(
                "dropout 0.1 is not supported", () -> new UNetConfig(64, 3, 32, two, List.of(), 2, 4, -1, true, 0.1));
        assertRefused("positive widths", () -> SegmentationConfig.of(0));
    }

    private static void assertRefused(String sentence, Runnable action) {
        String message =
                assertThrows(IllegalArgumentException.class, action::run).getMessage();
        assertTrue(message.contains(sentence) && !message.contains("\n"), message);
    }
}
