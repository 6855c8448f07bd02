package io.diffusionad.app;

import io.diffusionad.app.run.Budget;
import io.diffusionad.app.run.Preset;
import io.diffusionad.app.run.PresetChoice;
import io.diffusionad.app.run.RunSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Whoever names no preset gets the largest that trains in an hour, and is told why. */
class PresetChoiceTest {
    @TempDir
    Path temporary;

    @Test
    void aFastDeviceTrainsTheLargerOne() {
        PresetChoice.Chosen chosen = choose(0.5, 0.05, Function.identity());
        assertEquals(Preset.SMALL, chosen.preset());
        assertEquals(Preset.SMALL.settings().budget(), chosen.settings().budget());
        assertTrue(chosen.reason().contains("small") && chosen.reason().contains("33 min 20 s"), chosen.reason());
    }

    @Test
    void aSlowDeviceTrainsTheSmallerOneAndIsToldWhatTheOtherTakes() {
        PresetChoice.Chosen chosen = choose(7.5, 0.5, Function.identity());
        assertEquals(Preset.TINY, chosen.preset());
        assertTrue(
                chosen.reason().contains("'tiny' trains, which takes about 5 min")
                        && chosen.reason().contains("'small' would take about 8 h 20 min"),
                chosen.reason());
    }

    @Test
    void theSlowestStopsAfterAnHour() {
        PresetChoice.Chosen chosen = choose(90, 8, Function.identity());
        assertEquals(Preset.TINY, chosen.preset());
        assertEquals(Budget.minutes(60), chosen.settings().budget());
        assertTrue(chosen.reason().contains("60.0 minutes") && chosen.reason().contains("1 h 20 min"), chosen.reason());
    }

    @Test
    void aNamedBudgetIsKept() {
        PresetChoice.Chosen minutes = choose(0.5, 0.05, settings -> settings.toBuilder()
                .budget(Budget.minutes(10))
                .build());
        assertEquals(Preset.TINY, minutes.preset(), "33 minutes of the larger one do not fit in 10");
        assertEquals(Budget.minutes(10), minutes.settings().budget());
        PresetChoice.Chosen steps = choose(
                90, 8, settings -> settings.toBuilder().budget(Budget.steps(5)).build());
        assertEquals(Preset.SMALL, steps.preset());
        PresetChoice.Chosen many = choose(90, 8, settings -> settings.toBuilder()
                .budget(Budget.steps(5000))
                .build());
        assertEquals(Preset.TINY, many.preset());
        assertEquals(Budget.steps(5000), many.settings().budget());
    }

    @Test
    void whatDoesNotFitTheMemoryIsNotChosen() {
        PresetChoice.Chosen chosen = choose(Double.POSITIVE_INFINITY, 0.5, Function.identity());
        assertEquals(Preset.TINY, chosen.preset());
        assertTrue(chosen.reason().contains("'small' needs more memory than there is"), chosen.reason());
    }

    @Test
    void theCommandSaysWhichAndWhy() {
        Path data = SmallDataset.write(temporary.resolve("stripes"));
        Program program = Program.run(
                        "train", "--device", "cpu", "--data", data, "--dry-run", "--out", temporary.resolve("run"))
                .succeeds();
        assertTrue(program.err().contains("no --preset was named, so '"), program.err());
        assertTrue(
                program.err().indexOf("no --preset was named") < program.err().indexOf("about"), program.err());
    }

    @Test
    void aLongTrainingComesWithAdvice() {
        Path data = SmallDataset.write(temporary.resolve("stripes"));
        Program program = Program.run(
                        "train",
                        "--device",
                        "cpu",
                        "--preset",
                        "tiny",
                        "--steps",
                        "900000000",
                        "--data",
                        data,
                        "--dry-run",
                        "--out",
                        temporary.resolve("run"))
                .succeeds();
        assertTrue(program.err().contains("--minutes 60") && program.err().contains("--preset tiny"), program.err());
    }

    /** Pictures are counted before a device is opened: here one that does not exist. */
    @Test
    void picturesAreCountedFirst() throws IOException {
        Path empty = Files.createDirectories(temporary.resolve("empty"));
        Program program = Program.run(
                        "train", "--device", "cuda:77", "--data", empty, "--out", temporary.resolve("run"))
                .isRefusedNaming(empty.toString());
        assertEquals(1, program.err().lines().count(), program.err());
    }

    private static PresetChoice.Chosen choose(
            double smallSeconds, double tinySeconds, Function<RunSettings, RunSettings> options) {
        boolean named = !options.apply(Preset.TINY.settings()).equals(Preset.TINY.settings());
        return PresetChoice.choose(
                preset -> options.apply(preset.settings()),
                named,
                100,
                settings -> settings.model().equals(Preset.SMALL.settings().model()) ? smallSeconds : tinySeconds);
    }
}
