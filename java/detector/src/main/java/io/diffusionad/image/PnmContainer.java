package io.diffusionad.image;

/** The header of a PBM, PGM or PPM, and whether as many samples follow as it promises. */
final class PnmContainer {
    private final byte[] bytes;
    private final String name;
    private int at = 2;

    private PnmContainer(byte[] bytes, String name) {
        this.bytes = bytes;
        this.name = name;
    }

    /** @throws io.diffusionad.error.InvalidInputException if samples are missing or the header is no header */
    static void check(byte[] encoded, String name) {
        new PnmContainer(encoded, name).check();
    }

    private void check() {
        int kind = bytes[1] - '0';
        boolean bitmap = kind == 1 || kind == 4;
        double width = number();
        double height = number();
        int largest = bitmap ? 1 : number();
        int channels = kind == 3 || kind == 6 ? 3 : 1;
        if (width < 1 || height < 1 || largest < 1 || largest > 65535) {
            throw ImageContainer.damaged(
                    name,
                    "its header asks for " + (long) width + "x" + (long) height + " pixels up to " + largest,
                    null);
        }
        if (kind <= 3) {
            checkText(width * height * channels, bitmap);
            return;
        }
        double needed = bitmap ? Math.ceil(width / 8) * height : width * height * channels * (largest > 255 ? 2 : 1);
        if (bytes.length - at - 1 < needed) { // one white space ends the header
            throw ImageContainer.truncated(name);
        }
    }

    private void checkText(double samples, boolean bitmap) {
        double found = 0;
        for (boolean before = false; at < bytes.length; at++) {
            boolean digit = bytes[at] >= '0' && bytes[at] <= '9';
            found += digit && (bitmap || !before) ? 1 : 0;
            before = digit;
        }
        if (found < samples) {
            throw ImageContainer.truncated(name);
        }
    }

    /** The next number of the header, after white space and comments; 0 when there is none. */
    private int number() {
        while (at < bytes.length && (bytes[at] <= ' ' || bytes[at] == '#')) {
            if (bytes[at] == '#') {
                while (at < bytes.length && bytes[at] != '\n') {
                    at++;
                }
            } else {
                at++;
            }
        }
        long value = 0;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            value = Math.min(Integer.MAX_VALUE, 10 * value + bytes[at++] - '0');
        }
        return (int) value;
    }
}
