package io.diffusionad.app;

import io.diffusionad.app.console.TextTable;
import io.diffusionad.app.console.Units;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class UnitsTest {
    @Test
    void bytesAreBinary() {
        assertEquals("512 B", Units.bytes(512));
        assertEquals("1.50 GiB", Units.bytes(1.5 * (1L << 30)));
        assertEquals("8.00 EiB", Units.bytes(Math.pow(2, 63)));
    }

    @Test
    void flopAreDecimal() {
        assertEquals("557 GFLOP", Units.flop(557e9));
    }

    @Test
    void durationsUseTheTwoLargestUnits() {
        assertEquals("0.25 s", Units.duration(0.25));
        assertEquals("59 s", Units.duration(59.4));
        assertEquals("3 min 20 s", Units.duration(200));
        assertEquals("2 h", Units.duration(7200));
        assertEquals("16 h 40 min", Units.duration(60_000));
        assertEquals("unknown time", Units.duration(Double.POSITIVE_INFINITY));
        assertEquals("unknown time", Units.duration(Double.NaN));
    }

    @Test
    void slowRatesAreToldAsTimeAnItem() {
        assertEquals("4.00 s a step", Units.rate(0.25, "step"));
        assertEquals("12.5 images/s", Units.rate(12.5, "image"));
    }

    @Test
    void tablesAlignNumbersToTheRight() {
        TextTable table = new TextTable("name", "score");
        table.row("a", "1.0");
        table.row("longer", "10.0");
        assertEquals(
                String.join(System.lineSeparator(), "name    score", "a         1.0", "longer   10.0"),
                table.toString());
    }
}
