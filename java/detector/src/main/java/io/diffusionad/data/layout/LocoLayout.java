package io.diffusionad.data.layout;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.diffusionad.data.Category;
import io.diffusionad.data.DefectSaturation;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.Json;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * MVTec LOCO AD (Bergmann et al., IJCV 2022): {@code train/good}, {@code validation/good},
 * {@code test/{good,logical_anomalies,structural_anomalies}}; an image's masks are
 * {@code ground_truth/<kind>/NAME/000.png} and so on, one a defect, whose value names the defect in
 * {@code defects_config.json}.
 */
final class LocoLayout extends TrainTestLayout {
    private static final String SATURATIONS = "defects_config.json";

    @Override
    public String title() {
        return "MVTec LOCO AD";
    }

    @Override
    boolean isCategory(Path folder) {
        return (Files.isDirectory(folder.resolve("test/logical_anomalies"))
                        || Files.isDirectory(folder.resolve("test/structural_anomalies")))
                && super.isCategory(folder);
    }

    @Override
    Category read(Path folder) {
        return list(folder)
                .saturations(saturations(folder.resolve(SATURATIONS)))
                .build();
    }

    private static Map<Integer, DefectSaturation> saturations(Path file) {
        if (!Files.exists(file)) {
            return Map.of();
        }
        Map<Integer, DefectSaturation> saturations = new HashMap<>();
        try {
            for (Object entry : (List<?>) Json.parse(Files.readString(file))) {
                Map<?, ?> fields = (Map<?, ?>) entry;
                int value = ((Number) fields.get("pixel_value")).intValue();
                double threshold = ((Number) fields.get("saturation_threshold")).doubleValue();
                saturations.put(
                        value, new DefectSaturation((String) fields.get("defect_name"), value, threshold, (Boolean)
                                fields.get("relative_saturation")));
            }
        } catch (JsonProcessingException | ClassCastException | NullPointerException e) {
            throw new InvalidInputException(
                    file
                            + " is not the list of defects with defect_name, pixel_value, saturation_threshold and relative_saturation "
                            + "that MVTec LOCO AD publishes; copy it again",
                    e);
        } catch (IOException e) {
            throw new InvalidInputException("cannot read " + file + ": " + e.getMessage(), e);
        }
        return saturations;
    }
}
