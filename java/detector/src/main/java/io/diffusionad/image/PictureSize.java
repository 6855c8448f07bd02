package io.diffusionad.image;

/**
 * How large an upright picture is.
 *
 * @param width pixels a row
 * @param height rows
 */
public record PictureSize(int width, int height) {
    @Override
    public String toString() {
        return width + "x" + height;
    }
}
