package io.diffusionad.settings;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Preparation;
import io.diffusionad.nn.UNetConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ModelSettingsTest {
    @Test
    void survivesJson() {
        ModelSettings settings = ModelSettings.of(96, 64, 24, List.of(1.0, 2.5, 3.0))
                .withDiffusion(new DiffusionSettings(500, DiffusionSettings.Schedule.COSINE, 100, 250, 2.5));
        assertEquals(settings, ModelSettings.fromJson(settings.toJson()));
    }

    @ParameterizedTest
    @CsvSource({
        "100,32,16,multipliers",
        "64,40,16,multiple of 32",
        "64,32,0,positive",
        "48,32,16,multipliers",
        "0,32,16,0"
    })
    void impossibleNetworksAreNamed(int imageSize, int baseChannels, int segmentationChannels, String word) {
        String sentence = assertThrows(
                        InvalidInputException.class,
                        () -> ModelSettings.of(imageSize, baseChannels, segmentationChannels, null))
                .getMessage();
        assertTrue(sentence.contains(word), sentence);
    }

    @Test
    void headsMustDivideTheChannels() {
        ModelSettings settings = ModelSettings.of(64, 32, 16, null);
        UNetConfig unet = settings.unet();
        assertThrows(
                InvalidInputException.class,
                () -> settings.withUNet(() ->
                        new UNetConfig(64, 3, 32, unet.multipliers(), unet.attentionResolutions(), 2, 5, -1, true, 0)));
    }

    @ParameterizedTest
    @CsvSource({"1000,400,200,1", "1000,-1,200,1", "1000,200,1000,1", "1,0,0,1", "1000,200,400,-1", "1000,200,400,NaN"})
    void timestepsOutOfRangeAreRefused(int timesteps, int small, int big, double guidance) {
        assertThrows(
                InvalidInputException.class,
                () -> new DiffusionSettings(timesteps, DiffusionSettings.Schedule.LINEAR, small, big, guidance));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[1]",
                "{\"unet\":{}}",
                "{\"unet\":null,\"segmentation\":null,\"diffusion\":null}",
                "{\"unet\":{\"imageSize\":64.5}}"
            })
    void damagedJsonIsAUserError(String json) {
        assertThrows(InvalidInputException.class, () -> ModelSettings.fromJson(json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"heads\":4|\"heads\":4,\"tails\":4|tails is unknown",
                "\"heads\":4,||heads is null",
                "LINEAR|SINE|schedule is SINE",
                "\"resBlocks\":2|\"resBlocks\":2.5|resBlocks is 2.5",
                "\"resBlocks\":2|\"resBlocks\":0|at least one residual block",
                "\"fit\":\"STRETCH\"}}|\"fit\":\"STRETCH\"}}{}|behind the end",
                "\"heads\":4|\"heads\":4,\"heads\":4|Duplicate"
            })
    void whatIsWrongIsNamed(String part, String other, String words) {
        String json = ModelSettings.of(64, 32, 16, null).toJson();
        assertTrue(json.contains(part), json);
        String damaged = json.replace(part, other == null ? "" : other);
        String sentence = assertThrows(InvalidInputException.class, () -> ModelSettings.fromJson(damaged))
                .getMessage();
        assertTrue(sentence.contains(words), sentence);
    }

    /** Checkpoints that say nothing of preparation were prepared as the published program does. */
    @Test
    void modelsWithoutPreparationAreTheReferences() {
        String json = ModelSettings.of(64, 32, 16, null)
                .withPreparation(Preparation.AREA)
                .toJson();
        assertEquals(Preparation.AREA, ModelSettings.fromJson(json).preparation());
        assertEquals(
                Preparation.REFERENCE,
                ModelSettings.fromJson(json.replaceFirst(",\"preparation\":\\{.*?}", ""))
                        .preparation());
    }
}
