package io.diffusionad.benchmarks.peer;

import io.diffusionad.benchmarks.peer.WorkerProcess.Contestant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The protocol between a suite and the programs that it compares, with toy programs. */
class ComparisonTest {
    private static final Agreement AGREEMENT = new Agreement(0.01);

    @TempDir
    private Path folder;

    @Test
    void everyContestantRunsOnceARoundAndTimesComeBack() throws IOException {
        AtomicInteger runs = new AtomicInteger();
        List<Comparison.Line> lines = Comparison.run(
                List.of(toy("2"), toy("2.001")), contestant -> AGREEMENT, 3, folder, runs::incrementAndGet);
        assertEquals(2 * (3 + 1), runs.get(), "three rounds and one that does not count");
        assertEquals(
                List.of("toy 2", "toy 2.001"),
                lines.stream().map(Comparison.Line::program).toList());
        assertEquals(1, lines.get(0).ratioToFirst());
        assertEquals(0.001 / Math.sqrt(5) / 0.01, lines.get(1).distance(), 1e-4);
        for (Comparison.Line line : lines) {
            assertTrue(
                    line.minMs() > 0 && line.minMs() <= line.medianMs() && line.medianMs() <= line.maxMs(),
                    line.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.1", "NaN"})
    void nothingIsTimedWhenResultsDisagree(String value) {
        AtomicInteger runs = new AtomicInteger();
        IllegalStateException refusal = assertThrows(
                IllegalStateException.class,
                () -> Comparison.run(
                        List.of(toy("2"), toy(value)), contestant -> AGREEMENT, 3, folder, runs::incrementAndGet));
        assertTrue(
                refusal.getMessage().contains("value") && refusal.getMessage().contains("nothing was timed"),
                refusal.getMessage());
        assertEquals(0, runs.get());
    }

    @Test
    void eachIsHeldToItsOwnBound() throws IOException {
        Contestant far = toy("2.1");
        List<Comparison.Line> lines = Comparison.run(
                List.of(toy("2"), far),
                contestant -> contestant == far ? new Agreement(0.1) : AGREEMENT,
                1,
                folder,
                () -> {});
        assertEquals(
                List.of(0.01, 0.1), lines.stream().map(Comparison.Line::bound).toList());
    }

    @Test
    void aContestantThatDiesIsNamedWithItsLastWords() {
        IOException death = assertThrows(
                IOException.class,
                () -> Comparison.run(List.of(toy("2", "die")), contestant -> AGREEMENT, 1, folder, () -> {}));
        assertTrue(
                death.getMessage().contains("toy small") && death.getMessage().contains("the toy broke"),
                death.getMessage());
    }

    @Test
    void gradientsAreHeldToTheSquareRootOfTheBound() {
        Agreement agreement = new Agreement(0.01);
        Map<String, float[]> expected = Map.of("gradient_norms", new float[] {1});
        assertEquals(0.9, agreement.require("other", expected, Map.of("gradient_norms", new float[] {1.09f})), 1e-6);
        assertThrows(
                IllegalStateException.class,
                () -> agreement.require("other", expected, Map.of("gradient_norms", new float[] {1.11f})));
        assertThrows(IllegalStateException.class, () -> agreement.require("other", expected, Map.of()));
    }

    private static Contestant toy(String... arguments) {
        return new Contestant("toy", "small", ToyWorker.class, List.of("-Xmx64m"), List.of(arguments), Map.of());
    }
}
