package io.diffusionad.metrics;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DecisionThresholdTest {
    private static final int DRAWS = 200;
    private static final int FRESH = 2000;
    private static final double WISHED = 0.02;

    @ParameterizedTest
    @CsvSource({
        "20,20,false",
        "30,30,false",
        "48,48,false",
        "49,49,true",
        "64,64,true",
        "99,98,true",
        "200,197,true",
        "1,1,false"
    })
    void theRankIsThatOfConformalPrediction(int n, int rank, boolean kept) {
        DecisionThreshold decision = DecisionThreshold.of(ascending(n), WISHED);
        assertEquals(rank, decision.rank());
        assertEquals(rank, decision.value());
        assertEquals((n + 1.0 - rank) / (n + 1), decision.promisedRate(), 1e-15);
        assertEquals(kept, decision.keepsWish());
    }

    /** Fresh scores above the threshold: on average no more than promised, but for the error of so many draws. */
    @ParameterizedTest
    @ValueSource(ints = {20, 30, 39, 64, 200})
    void theShareOfFreshGoodScoresAboveTheThresholdIsThePromisedOne(int n) {
        Random random = new Random(n);
        double sum = 0;
        double squares = 0;
        int inside = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            DecisionThreshold decision = DecisionThreshold.of(
                    random.doubles(n).map(u -> -Math.log(u)).toArray(), WISHED);
            double share = random.doubles(FRESH)
                            .map(u -> -Math.log(u))
                            .filter(score -> score > decision.value())
                            .count()
                    / (double) FRESH;
            sum += share;
            squares += share * share;
            double exact = Math.exp(-decision.value());
            inside += exact >= decision.interval()[0] && exact <= decision.interval()[1] ? 1 : 0;
        }
        double mean = sum / DRAWS;
        double error = Math.sqrt((squares / DRAWS - mean * mean) / DRAWS);
        double promised = DecisionThreshold.of(ascending(n), WISHED).promisedRate();
        assertTrue(
                mean <= promised + 3 * error,
                "mean share " + mean + ", promised " + promised + ", standard error " + error);
        assertTrue(mean >= promised - 3 * error, "the promise is no wider than need be: " + mean + " of " + promised);
        assertTrue(
                inside >= 0.95 * DRAWS - 3 * Math.sqrt(DRAWS * 0.95 * 0.05),
                "95 % intervals held the true rate " + inside + " times of " + DRAWS);
    }

    @Test
    void theIntervalIsThatOfTheBetaDistribution() {
        double[] largest = DecisionThreshold.of(ascending(49), WISHED).interval();
        assertEquals(1 - Math.pow(0.975, 1.0 / 49), largest[0], 1e-9);
        assertEquals(1 - Math.pow(0.025, 1.0 / 49), largest[1], 1e-9);
    }

    @Test
    void tooFewImagesSayHowManyTheRateNeeds() {
        assertEquals(49, DecisionThreshold.imagesFor(0.02));
        assertEquals(19, DecisionThreshold.imagesFor(0.05));
        assertEquals(99, DecisionThreshold.imagesFor(0.01));
        assertEquals(999, DecisionThreshold.imagesFor(0.001));
        assertTrue(DecisionThreshold.of(ascending(99), 0.01).keepsWish());
        assertFalse(DecisionThreshold.of(ascending(98), 0.01).keepsWish());
    }

    @Test
    void ratesAndScoresThatAreNoneAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> DecisionThreshold.of(new double[0], WISHED));
        assertThrows(IllegalArgumentException.class, () -> DecisionThreshold.of(new double[] {1, Double.NaN}, WISHED));
        assertThrows(IllegalArgumentException.class, () -> DecisionThreshold.of(new double[] {1}, 0));
        assertThrows(IllegalArgumentException.class, () -> DecisionThreshold.of(new double[] {1}, Double.NaN));
        assertEquals(1, DecisionThreshold.of(ascending(3), 0.99).value());
    }

    private static double[] ascending(int n) {
        double[] scores = new double[n];
        for (int i = 0; i < n; i++) {
            scores[i] = i + 1;
        }
        return scores;
    }
}
