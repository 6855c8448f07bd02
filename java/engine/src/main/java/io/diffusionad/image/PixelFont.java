package io.diffusionad.image;

/**
 * A 5x7 capital font drawn pixel by pixel, so that labels need no font installed (a server's Java often has none) and look alike everywhere.
 * Lower case is drawn as capitals, unknown characters as a box.
 */
public final class PixelFont {
    /** Pixels from one character to the next. */
    public static final int WIDTH = 6;
    /** Pixels of a character. */
    public static final int HEIGHT = 7;
    private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-+=%/:()_#<>~^*?'| ";
    /** Seven rows a character, each row five bits as one digit in base 32, leftmost pixel highest. */
    private static final String ROWS = "ehhvhhh" + "uhhuhhu" + "ehgggHe" + "uhhhhhu" + "vggUggv" + "vggUggg" + "ehgnhhe" + "hhhvhhh" + "e44444e" + "72222ic"
            + "hikokih" + "ggggggv" + "hrllhhh" + "hpljhhh" + "ehhhhhe" + "uhhuggg" + "ehhhlid" + "uhhukih" + "fgge11u" + "v444444" + "hhhhhhe" + "hhhhha4"
            + "hhhllrh" + "hha4ahh" + "hha4444" + "v1248gv" + "ehjlphe" + "4c4444e" + "eh1248v" + "v2421he" + "26aiv22" + "vgu11he" + "68guhhe" + "v124888"
            + "ehhehhe" + "ehhf12c" + "00000cc" + "0000c48" + "000e000" + "044v440" + "00v0v00" + "op248j3" + "11248gg" + "0cc0cc0" + "2488842" + "8422248"
            + "000000v" + "aavavaa" + "248g842" + "8421248" + "008l200" + "4ah0000" + "04lel40" + "eh12404" + "4480000" + "4444444" + "0000000";
    private static final String BOX = "vhhhhhv";

    private PixelFont() { }

    /** Width of a line of text in pixels at the given scale. */
    static int width(String text, int scale) {
        return text.length() * WIDTH * scale;
    }

    /** Whether the line of text has ink at pixel (x, y) from its upper left corner; false outside. */
    public static boolean isInk(String text, int x, int y) {
        int n = Math.floorDiv(x, WIDTH);
        if (n < 0 || n >= text.length() || y < 0 || y >= HEIGHT || x % WIDTH == WIDTH - 1) {
            return false;
        }
        int index = CHARACTERS.indexOf(Character.toUpperCase(text.charAt(n)));
        int bits = Character.digit((index < 0 ? BOX : ROWS).charAt(Math.max(0, HEIGHT * index) + y), 32);
        return (bits >> (4 - x % WIDTH) & 1) == 1;
    }

    /** Draws into {@code rgb} (rows of {@code imageWidth} pixels) with the upper left corner at (x, y); what lies outside is cut off. */
    static void draw(byte[] rgb, int imageWidth, int imageHeight, int x, int y, String text, int scale, int colour) {
        for (int v = 0; v < HEIGHT * scale; v++) {
            for (int u = 0; u < width(text, scale); u++) {
                int px = x + u;
                int py = y + v;
                if (isInk(text, u / scale, v / scale) && px >= 0 && px < imageWidth && py >= 0 && py < imageHeight) {
                    int i = 3 * (py * imageWidth + px);
                    rgb[i] = (byte) (colour >> 16);
                    rgb[i + 1] = (byte) (colour >> 8);
                    rgb[i + 2] = (byte) colour;
                }
            }
        }
    }
}
