package io.diffusionad.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.Preparation;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.UNetConfig;
import io.diffusionad.settings.DiffusionSettings;
import io.diffusionad.settings.ModelSettings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The settings file of the original PyTorch program (SPEC §10), which users already have; the same dictionary is the
 * {@code args} of its checkpoints. Keys that are missing or empty have the original's defaults.
 *
 * @param model networks and diffusion; the segmentation network has the original's fixed width of 64
 * @param batch samples a step
 * @param epochs passes over as many samples as there are images
 * @param unetRate learning rate of the UNet
 * @param segmentationRate largest learning rate of the segmentation network
 * @param weightDecay of both
 * @param timestepSplit small timesteps are drawn below, big ones from here on
 * @param datasets root folders by data set: mvtec, visa, dagm, mpdd; those that the file names
 * @param textures folder of anomaly textures
 * @param output folder for results
 * @param remarks sentences for the user about keys that have no effect or are unknown
 */
public record ReferenceConfig(
        ModelSettings model,
        int batch,
        int epochs,
        double unetRate,
        double segmentationRate,
        double weightDecay,
        int timestepSplit,
        Map<String, String> datasets,
        Optional<String> textures,
        Optional<String> output,
        List<String> remarks) {
    /** Width of the original's segmentation network, which its settings cannot change. */
    public static final int SEGMENTATION_CHANNELS = 64;

    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "attention_resolutions",
            "noisier_t_range",
            "random_slice",
            "save_imgs",
            "save_vids",
            "loss_type",
            "loss-type",
            "loss_weight",
            "noise_fn",
            "dropout",
            "arg_num");
    private static final Set<String> READ = Set.of(
            "img_size",
            "channels",
            "base_channels",
            "channel_mults",
            "num_heads",
            "num_head_channels",
            "T",
            "beta_schedule",
            "eval_normal_t",
            "eval_noisier_t",
            "condition_w",
            "Batch_Size",
            "EPOCHS",
            "diffusion_lr",
            "seg_lr",
            "weight_decay",
            "less_t_range",
            "mvtec_root_path",
            "visa_root_path",
            "dagm_root_path",
            "mpdd_root_path",
            "anomaly_source_path",
            "output_path");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    public ReferenceConfig {
        datasets = Map.copyOf(datasets);
        remarks = List.copyOf(remarks);
    }

    /**
     * @throws InvalidInputException when the file is no such JSON, or a value cannot be used
     * @throws IOException when the file cannot be read
     */
    public static ReferenceConfig read(Path file) throws IOException {
        try {
            return of(
                    JSON.readValue(Files.readAllBytes(file), new TypeReference<Map<String, Object>>() {}),
                    file.toString());
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    file + " is no JSON object of settings (" + e.getOriginalMessage()
                            + "): give a file such as the original's args1.json",
                    e);
        }
    }

    /** From a dictionary with the original's keys. @param source what messages call it */
    public static ReferenceConfig of(Map<?, ?> values, String source) {
        if (values == null) {
            throw new InvalidInputException(
                    source + " holds no settings: give a file such as the original's args1.json");
        }
        ReferenceValues reader = new ReferenceValues(values, source);
        int size = reader.square("img_size", 256);
        List<Double> multipliers = reader.numbers("channel_mults");
        return new ReferenceConfig(
                model(reader, size, multipliers),
                reader.integer("Batch_Size", 16),
                reader.integer("EPOCHS", 3000),
                reader.number("diffusion_lr", 1e-4),
                reader.number("seg_lr", 1e-5),
                reader.number("weight_decay", 0),
                reader.integer("less_t_range", 300),
                datasets(reader),
                reader.text("anomaly_source_path"),
                reader.text("output_path"),
                remarks(values));
    }

    private static ModelSettings model(ReferenceValues reader, int size, List<Double> multipliers) {
        try {
            UNetConfig unet = new UNetConfig(
                    size,
                    reader.integer("channels", 3),
                    reader.integer("base_channels", 128),
                    multipliers.isEmpty() ? UNetConfig.defaultMultipliers(size) : multipliers,
                    List.of(32, 16, 8),
                    2,
                    reader.integer("num_heads", 4),
                    reader.integer("num_head_channels", -1),
                    true,
                    0);
            DiffusionSettings standard = DiffusionSettings.DEFAULT;
            DiffusionSettings.Schedule schedule =
                    switch (reader.text("beta_schedule").orElse("linear")) {
                        case "linear" -> DiffusionSettings.Schedule.LINEAR;
                        case "cosine" -> DiffusionSettings.Schedule.COSINE;
                        default ->
                            throw new InvalidInputException("its beta_schedule is '"
                                    + reader.text("beta_schedule").orElse("") + "': use linear or cosine");
                    };
            return new ModelSettings(
                    unet,
                    new SegmentationConfig(2 * unet.inChannels(), 1, SEGMENTATION_CHANNELS),
                    new DiffusionSettings(
                            reader.integer("T", standard.timesteps()),
                            schedule,
                            reader.integer("eval_normal_t", standard.smallTimestep()),
                            reader.integer("eval_noisier_t", standard.bigTimestep()),
                            reader.number("condition_w", standard.guidance())),
                    Preparation.REFERENCE);
        } catch (IllegalArgumentException | InvalidInputException e) {
            throw new InvalidInputException(
                    reader.source() + " describes no model that can be built: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> datasets(ReferenceValues reader) {
        Map<String, String> datasets = new LinkedHashMap<>();
        for (String dataset : List.of("mvtec", "visa", "dagm", "mpdd")) {
            reader.text(dataset + "_root_path").ifPresent(path -> datasets.put(dataset, path));
        }
        return datasets;
    }

    private static List<String> remarks(Map<?, ?> values) {
        Set<String> idle = new TreeSet<>();
        Set<String> unknown = new TreeSet<>();
        for (Object key : values.keySet()) {
            String name = String.valueOf(key);
            if (WITHOUT_EFFECT.contains(name)) {
                idle.add(name);
            } else if (!READ.contains(name)) {
                unknown.add(name);
            }
        }
        List<String> remarks = new ArrayList<>();
        if (!idle.isEmpty()) {
            remarks.add("These keys of the original's settings have no effect, here as there: "
                    + String.join(", ", idle) + ".");
        }
        if (!unknown.isEmpty()) {
            remarks.add("These keys are unknown and have no effect: " + String.join(", ", unknown) + ".");
        }
        return remarks;
    }
}
