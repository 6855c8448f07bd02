package io.diffusionad.app.report;

import io.diffusionad.image.RgbImage;
import org.junit.jupiter.api.Test;

import java.util.Arrays;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ContactSheetTest {
    private static final int WHITE = 0xFF;

    @Test
    void lettersAreOutlinesOfAFont() {
        LabelFont font = new LabelFont(16);
        assertTrue(font.width("i") < font.width("m"), "letters have widths of their own");
        byte[] page = drawn(font, "Il", 40);
        assertTrue(ink(page) > 0 && ink(page) < 3 * 40 * 20 * WHITE / 4);
        assertFalse(Arrays.equals(drawn(font, "a", 40), drawn(font, "A", 40)), "small letters are no capitals");
        assertTrue(distinct(drawn(font, "o", 40)) > 4, "edges are smooth");
        assertTrue(ink(drawn(font, "\u00e4", 40)) > ink(drawn(font, "a", 40)), "with dots");
        assertTrue(ink(drawn(font, "\uE123", 40)) > 0, "unknown characters leave a mark");
        assertEquals(0, ink(drawn(font, " ", 40)));
    }

    @Test
    void longTextIsCutToItsRoom() {
        LabelFont font = new LabelFont(13);
        assertEquals("short", font.cut("short", 200));
        String cut = font.cut("a label that is far too long for its cell", 90);
        assertTrue(cut.endsWith("\u2026") && cut.startsWith("a label") && font.width(cut) <= 90, cut);
        drawn(font, "what lies outside is cut off", 10);
    }

    @Test
    void aTenPanelSheetShowsEveryPanel() {
        int size = 160; // smaller pictures are enlarged
        float[] picture = new float[size * size * 3];
        Arrays.fill(picture, 0.25f);
        boolean[] truth = new boolean[size * size];
        truth[50 * size + 50] = true;
        RgbImage sheet = new ReconstructionSheet(
                        size,
                        size,
                        picture,
                        truth,
                        new float[size * size],
                        picture,
                        picture,
                        picture,
                        picture,
                        picture,
                        picture)
                .render("");
        assertTrue(sheet.width() >= 5 * size && sheet.height() >= 2 * size);
        int grey = 0;
        for (int i = 0; i < sheet.rgb().length; i += 3) {
            grey += sheet.rgb()[i] == 64 && sheet.rgb()[i + 1] == 64 && sheet.rgb()[i + 2] == 64 ? 1 : 0;
        }
        assertEquals(
                7 * size * size - 8,
                grey,
                60,
                "six plain panels and the input with the eight contour pixels around one marked pixel; smooth letters have "
                        + "a few");
    }

    private static byte[] drawn(LabelFont font, String text, int width) {
        byte[] page = new byte[3 * width * 20];
        Arrays.fill(page, (byte) WHITE);
        font.draw(page, width, 20, 1, 0, text, 0);
        return page;
    }

    private static int ink(byte[] page) {
        int ink = 0;
        for (byte value : page) {
            ink += WHITE - (value & 0xFF);
        }
        return ink;
    }

    private static long distinct(byte[] page) {
        return java.util.stream.IntStream.range(0, page.length)
                .map(i -> page[i])
                .distinct()
                .count();
    }
}
