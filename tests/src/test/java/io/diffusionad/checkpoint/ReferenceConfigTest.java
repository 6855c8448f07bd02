package io.diffusionad.checkpoint;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.settings.DiffusionSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ReferenceConfigTest {
    private static final String ORIGINAL =
            """
        {"img_size": [256, 256], "Batch_Size": 8, "EPOCHS": 3000, "T": 1000, "base_channels": 128, "beta_schedule": "linear", "loss_type": "l2",
         "diffusion_lr": 1e-4, "seg_lr": 1e-5, "random_slice": true, "weight_decay": 0.0, "save_imgs": true, "save_vids": false, "dropout": 0,
         "attention_resolutions": "32,16,8", "num_heads": 4, "num_head_channels": -1, "noise_fn": "gauss", "channels": 3,
         "mvtec_root_path": "datasets/mvtec", "visa_root_path": "datasets/VisA_1class/1cls", "dagm_root_path": "", "mpdd_root_path": "datasets/mpdd",
         "anomaly_source_path": "datasets/DTD", "noisier_t_range": 600, "less_t_range": 300, "condition_w": 1, "eval_normal_t": 200,
         "eval_noisier_t": 400, "output_path": "outputs"}""";

    @TempDir
    private Path folder;

    private ReferenceConfig read(String json) throws IOException {
        return ReferenceConfig.read(Files.writeString(folder.resolve("args1.json"), json));
    }

    @Test
    void theOriginalFileMapsToOurSettings() throws IOException {
        ReferenceConfig config = read(ORIGINAL);
        assertEquals(UNetConfig.of(256, 128), config.model().unet());
        assertEquals(64, config.model().segmentation().baseChannels());
        assertEquals(DiffusionSettings.DEFAULT, config.model().diffusion());
        assertEquals(8, config.batch());
        assertEquals(3000, config.epochs());
        assertEquals(1e-4, config.unetRate());
        assertEquals(1e-5, config.segmentationRate());
        assertEquals(300, config.timestepSplit());
        assertEquals(
                Map.of("mvtec", "datasets/mvtec", "visa", "datasets/VisA_1class/1cls", "mpdd", "datasets/mpdd"),
                config.datasets());
        assertEquals(Optional.of("datasets/DTD"), config.textures());
        assertEquals(Optional.of("outputs"), config.output());
        assertEquals(1, config.remarks().size());
        for (String idle : List.of(
                "attention_resolutions",
                "noisier_t_range",
                "random_slice",
                "save_imgs",
                "save_vids",
                "loss_type",
                "noise_fn",
                "dropout")) {
            assertTrue(config.remarks().get(0).contains(idle), idle + " in " + config.remarks());
        }
    }

    @Test
    void missingKeysHaveTheOriginalsDefaults() throws IOException {
        ReferenceConfig config = read("{}");
        assertEquals(UNetConfig.of(256, 128), config.model().unet());
        assertEquals(16, config.batch());
        assertEquals(List.of(), config.remarks());
        assertEquals(Optional.empty(), config.output());
    }

    @Test
    void multipliersHeadsAndScheduleAreTaken() throws IOException {
        ReferenceConfig config = read(
                "{\"img_size\": 64, \"base_channels\": 32, \"channel_mults\": [1, 2], \"num_head_channels\": 16, \"beta_schedule\": \"cosine\", \"condition_w\": 2.5}");
        assertEquals(List.of(1.0, 2.0), config.model().unet().multipliers());
        assertEquals(16, config.model().unet().headChannels());
        assertEquals(
                DiffusionSettings.Schedule.COSINE, config.model().diffusion().schedule());
        assertEquals(2.5, config.model().diffusion().guidance());
        assertEquals(
                config.model().unet().multipliers(),
                read("{\"img_size\": 64, \"base_channels\": 32, \"channel_mults\": \"1, 2\"}")
                        .model()
                        .unet()
                        .multipliers());
    }

    @Test
    void unknownKeysAreNamed() throws IOException {
        assertEquals(
                List.of("These keys are unknown and have no effect: Batch_size, zeta."),
                read("{\"zeta\": 1, \"Batch_size\": 2}").remarks());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1]|no JSON object",
                "{\"T\": 1000|no JSON object",
                "null|no settings",
                "{\"T\": 1, \"T\": 2}|Duplicate",
                "{\"Batch_Size\": \"many\"}|'Batch_Size'",
                "{\"Batch_Size\": 1.5}|must be a whole number",
                "{\"img_size\": [256, 128]}|two equal numbers",
                "{\"output_path\": 3}|must be a text",
                "{\"channel_mults\": [1, \"x\"]}|list of numbers",
                "{\"img_size\": 100}|describes no model",
                "{\"beta_schedule\": \"sigmoid\"}|use linear or cosine",
                "{\"eval_normal_t\": 500}|out of range",
                "{\"num_heads\": 3}|do not divide"
            })
    void impossibleSettingsAreRefusedInASentence(String json, String sentence) {
        InvalidInputException e = assertThrows(InvalidInputException.class, () -> read(json));
        assertTrue(e.getMessage().contains(sentence), e.getMessage());
        assertTrue(e.getMessage().contains("args1.json"), e.getMessage());
    }
}
