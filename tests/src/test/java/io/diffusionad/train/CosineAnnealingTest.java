package io.diffusionad.train;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class CosineAnnealingTest {
    /** Rates that PyTorch's scheduler gave, base 1e-5 and T_max 10, to the last bit. */
    private static final double[] RECORDED = {
        1e-05,
        9.755282581475769e-06,
        9.045084971874738e-06,
        7.938926261462366e-06,
        6.545084971874738e-06,
        5e-06,
        3.4549150281252635e-06,
        2.061073738537635e-06,
        9.549150281252633e-07,
        2.4471741852423233e-07,
        0.0,
        2.447174185242324e-07
    };

    @Test
    void ratesAreThoseOfTheRecordingToTheLastBit() {
        CosineAnnealing rate = new CosineAnnealing(1e-5, 10);
        for (int step = 0; step < RECORDED.length; step++) {
            assertEquals(RECORDED[step], rate.at(step), "step " + step);
        }
    }

    @Test
    void rateSwingsWithAPeriodOfTwiceTheHalfPeriod() {
        CosineAnnealing rate = new CosineAnnealing(2e-3, 7);
        for (int step = 0; step < 500; step++) {
            assertEquals(1e-3 * (1 + Math.cos(Math.PI * step / 7)), rate.at(step), 1e-12);
        }
    }

    @Test
    void anEarlierStepStartsOver() {
        CosineAnnealing rate = new CosineAnnealing(1e-5, 10);
        rate.at(1000);
        assertEquals(RECORDED[3], rate.at(3));
        assertEquals(RECORDED[11], rate.at(11));
    }

    @Test
    void halfPeriodIsPositive() {
        assertThrows(IllegalArgumentException.class, () -> new CosineAnnealing(1e-5, 0));
    }
}
