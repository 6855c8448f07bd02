package io.diffusionad.app.demodata;

/**
 * The coarse 5x7 capitals printed on demo boards, of which a picture shows every pixel. Lower case is drawn as
 * capitals, unknown characters as a box.
 */
final class Silkscreen {
    /** Pixels from one character to the next. */
    static final int WIDTH = 6;
    /** Pixels of a character. */
    static final int HEIGHT = 7;

    private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-+=%/:()_#<>~^*?'| ";
    /** Seven rows a character, each row five bits as one digit in base 32, leftmost pixel highest. */
    private static final String ROWS = "ehhvhhh" + "uhhuhhu" + "ehgggHe" + "uhhhhhu" + "vggUggv" + "vggUggg" + "ehgnhhe"
            + "hhhvhhh" + "e44444e" + "72222ic"
            + "hikokih" + "ggggggv" + "hrllhhh" + "hpljhhh" + "ehhhhhe" + "uhhuggg" + "ehhhlid" + "uhhukih" + "fgge11u"
            + "v444444" + "hhhhhhe" + "hhhhha4"
            + "hhhllrh" + "hha4ahh" + "hha4444" + "v1248gv" + "ehjlphe" + "4c4444e" + "eh1248v" + "v2421he" + "26aiv22"
            + "vgu11he" + "68guhhe" + "v124888"
            + "ehhehhe" + "ehhf12c" + "00000cc" + "0000c48" + "000e000" + "044v440" + "00v0v00" + "op248j3" + "11248gg"
            + "0cc0cc0" + "2488842" + "8422248"
            + "000000v" + "aavavaa" + "248g842" + "8421248" + "008l200" + "4ah0000" + "04lel40" + "eh12404" + "4480000"
            + "4444444" + "0000000";

    private static final String BOX = "vhhhhhv";

    private Silkscreen() {}

    /** Whether the line of text has ink at pixel (x, y) from its upper left corner; false outside. */
    static boolean isInk(String text, int x, int y) {
        int n = Math.floorDiv(x, WIDTH);
        if (n < 0 || n >= text.length() || y < 0 || y >= HEIGHT || x % WIDTH == WIDTH - 1) {
            return false;
        }
        int index = CHARACTERS.indexOf(Character.toUpperCase(text.charAt(n)));
        int bits = Character.digit((index < 0 ? BOX : ROWS).charAt(Math.max(0, HEIGHT * index) + y), 32);
        return (bits >> (4 - x % WIDTH) & 1) == 1;
    }
}
