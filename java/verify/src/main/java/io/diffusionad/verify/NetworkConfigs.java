package io.diffusionad.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.nn.SegmentationConfig;
import io.diffusionad.nn.UNetConfig;

import java.util.ArrayList;
import java.util.List;

/** Network shapes and salts from a recording's metadata; what the metadata leave out has the reference's default. */
final class NetworkConfigs {
    private NetworkConfigs() {}

    static boolean isUNet(JsonNode config) {
        return config.has("img_size");
    }

    static UNetConfig unet(GoldenFile file, JsonNode config) throws InvalidFileException {
        try {
            JsonNode sides = config.path("img_size");
            int size = sides.isArray() ? sides.path(0).asInt() : integer(config, "img_size", 256);
            List<Double> multipliers = numbers(config.path("channel_mults"));
            List<Integer> resolutions = config.has("attention_resolutions")
                    ? numbers(config.get("attention_resolutions")).stream()
                            .map(Double::intValue)
                            .toList()
                    : List.of(32, 16, 8);
            return new UNetConfig(
                    size,
                    integer(config, "in_channels", 3),
                    integer(config, "base_channels", 128),
                    multipliers.isEmpty() ? UNetConfig.defaultMultipliers(size) : multipliers,
                    resolutions,
                    integer(config, "num_res_blocks", 2),
                    integer(config, "num_heads", 4),
                    integer(config, "num_head_channels", -1),
                    config.path("biggan_updown").asBoolean(true),
                    config.path("dropout").asDouble(0));
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(
                    file.path(),
                    "its network cannot be built: " + e.getMessage(),
                    "record a supported configuration",
                    e);
        }
    }

    static SegmentationConfig segmentation(GoldenFile file, JsonNode config) throws InvalidFileException {
        try {
            return new SegmentationConfig(
                    integer(config, "in_channels", 6),
                    integer(config, "out_channels", 1),
                    integer(config, "base_channels", 64));
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(
                    file.path(),
                    "its network cannot be built: " + e.getMessage(),
                    "record a supported configuration",
                    e);
        }
    }

    static long salt(JsonNode config) {
        return config.path("salt").asLong(0);
    }

    private static int integer(JsonNode config, String key, int otherwise) {
        return config.path(key).isIntegralNumber() ? config.get(key).intValue() : otherwise;
    }

    /** A list, or text with commas between numbers. */
    private static List<Double> numbers(JsonNode node) {
        List<Double> numbers = new ArrayList<>();
        if (node.isTextual() && !node.textValue().isBlank()) {
            for (String part : node.textValue().split(",")) {
                numbers.add(Double.parseDouble(part.strip()));
            }
        }
        for (JsonNode item : node) {
            numbers.add(Double.parseDouble(item.asText()));
        }
        return numbers;
    }
}
