package io.diffusionad.settings;

import io.diffusionad.error.InvalidInputException;
import io.diffusionad.nn.ActivationRanges;
import io.diffusionad.nn.ActivationRanges.Range;
import io.diffusionad.ops.Quantization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class Int8CalibrationTest {
    private static final ModelCard CARD = ModelCard.uncalibrated(
                    ModelSettings.of(32, 32, 4, List.of(1.0, 1.0)), "bottle", 7, 3)
            .withCalibration(new Calibration(0.5, 0.25, 20));
    private static final Int8Calibration INT8 = new Int8Calibration(
            new ActivationRanges(Map.of(
                    "down.1.0.in_layers.2",
                    new Range(-0.2784645f, 3.14159f),
                    "middle.0.out_layers.3",
                    new Range(-0.1f, 1e-7f))),
            new Calibration(0.625, Double.NaN, 16));

    @Test
    void aCardKeepsRangesAndThresholdsToTheLastBit() {
        ModelCard read = ModelCard.fromMetadata(CARD.withInt8(INT8).toMetadata(), "file");
        assertEquals(INT8, read.int8());
        assertEquals(CARD.calibration(), read.thresholds(Precision.BF16));
        assertEquals(INT8.thresholds(), read.thresholds(Precision.INT8));
        assertEquals(INT8.ranges(), read.ranges(Precision.INT8, "file"));
        assertNull(read.ranges(Precision.AUTO, "file"));
    }

    @Test
    void aCardWithoutThemSaysHowToMeasureThem() {
        ModelCard read = ModelCard.fromMetadata(CARD.toMetadata(), "file");
        assertFalse(read.int8().isPresent());
        String message = assertThrows(InvalidInputException.class, () -> read.ranges(Precision.INT8, "runs/bottle"))
                .getMessage();
        assertTrue(message.contains("runs/bottle") && message.contains("diffusionad calibrate"), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[1]",
                "{\"a\":[1]}",
                "{\"a\":[2,1]}",
                "{\"a\":null}",
                "{\"a\":[0,\"NaN\"]}",
                "{\"a\":[0,1e99]}",
                "{\"a\":[0,1"
            })
    void damagedRangesAreRefused(String json) {
        Map<String, String> metadata = CARD.withInt8(INT8).toMetadata();
        metadata.put("diffusionad.int8_ranges", json);
        String message = assertThrows(InvalidInputException.class, () -> ModelCard.fromMetadata(metadata, "file"))
                .getMessage();
        assertTrue(message.contains("file is damaged") && message.contains("int8_ranges"), message);
    }

    @Test
    void quantisationCoversARangeAndMeetsZeroExactly() {
        Quantization silu = Quantization.covering(-0.2785f, 4f);
        assertEquals(17, silu.zeroPoint());
        assertEquals(4.2785 / 255, silu.scale(), 1e-7);
        assertEquals(new Quantization(2f / 255, 0), Quantization.covering(1, 2));
        assertEquals(255, Quantization.covering(-3, -1).zeroPoint());
        assertEquals(0, Quantization.covering(0, 0).zeroPoint());
        assertThrows(IllegalArgumentException.class, () -> new Quantization(Float.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new Quantization(1, 256));
    }
}
