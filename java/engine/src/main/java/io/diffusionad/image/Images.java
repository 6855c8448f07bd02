package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reading pictures as the reference's OpenCV does: PNG (1 to 16 bits, grey, palette, alpha), JPEG (grey, colour, CMYK) and BMP become 8-bit channels;
 * 16 bits keep their upper byte, alpha is dropped, palettes are looked up, the orientation that a camera noted in a JPEG is applied. Unlike
 * {@code javax.imageio} alone it never returns half a picture for a truncated file. Thread-safe.
 */
public final class Images {
    /** Larger pictures are refused before decoding: 100 million pixels. */
    public static final long MAX_PIXELS = 100_000_000L;
    private static final long MAX_FILE_BYTES = 1L << 30;

    private Images() { }

    /** @throws InvalidInputException if the file is missing, empty, damaged, truncated, too large, or not PNG, JPEG or BMP */
    public static RgbImage readRgb(Path file) {
        return decodeRgb(bytes(file), file.toString());
    }

    /** As {@link #readRgb(Path)}, samples of more than 8 bits brought to 8 as the preparation says. */
    static RgbImage readRgb(Path file, Preparation preparation) {
        return toRgb(decode(bytes(file), file.toString()), preparation);
    }

    /** As {@link #readRgb}, colour reduced to luma by {@link ColorConversion#grey}. */
    public static GreyImage readGrey(Path file) {
        return toGrey(decode(bytes(file), file.toString()));
    }

    /** Decodes a file already in memory; {@code name} is what error messages call it. */
    public static RgbImage decodeRgb(byte[] encoded, String name) {
        return toRgb(decode(encoded, name));
    }

    /** The pixels of any AWT image under the same rules (upper byte of 16 bits, alpha dropped, no colour-profile conversion). */
    public static RgbImage fromBufferedImage(BufferedImage image) {
        return toRgb(image);
    }

    /** The samples as they are stored, e.g. of a mask. */
    static StoredPicture readStored(Path file) {
        return decodeStored(bytes(file), file.toString());
    }

    /** How a picture's stored pixels are turned before anybody sees them. @throws InvalidInputException as {@link #readRgb}, if the file is no picture */
    public static ExifOrientation orientation(Path file) {
        return ImageContainer.check(bytes(file), file.toString()).orientation();
    }

    private static byte[] bytes(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_FILE_BYTES) {
                throw new InvalidInputException("image file " + file + " has " + size + " bytes, more than the limit of 1 GiB; scale the picture down");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new InvalidInputException("image file " + file + " does not exist", e);
        } catch (IOException e) {
            throw new InvalidInputException("cannot read image file " + file + ": " + e.getMessage(), e);
        }
    }

    private static BufferedImage decode(byte[] encoded, String name) {
        StoredPicture stored = decodeStored(encoded, name);
        return stored.orientation().apply(stored.image());
    }

    private static StoredPicture decodeStored(byte[] encoded, String name) {
        ImageContainer container = ImageContainer.check(encoded, name);
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(container.format());
        if (!readers.hasNext()) {
            throw new IllegalStateException("this Java has no reader for " + container.format());
        }
        ImageReader reader = readers.next();
        String[] warning = new String[1];
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            reader.setInput(stream, true, true);
            reader.addIIOReadWarningListener((source, text) -> warning[0] = text);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if ((long) width * height > MAX_PIXELS) {
                throw new InvalidInputException("image " + name + " is " + width + "x" + height + " pixels, more than the limit of " + MAX_PIXELS / 1_000_000
                        + " million; scale it down first");
            }
            BufferedImage image = reader.read(0);
            if (warning[0] != null && warning[0].matches("(?is).*(corrupt|premature|truncat).*")) {
                throw damaged(name, warning[0], null);
            }
            return new StoredPicture(image, container.format().equals("jpeg"), container.orientation());
        } catch (IOException | RuntimeException e) {
            if (e instanceof InvalidInputException known) {
                throw known;
            }
            throw damaged(name, String.valueOf(e.getMessage()), e);
        } finally {
            reader.dispose();
        }
    }

    private static InvalidInputException damaged(String name, String detail, Exception cause) {
        return new InvalidInputException("image " + name + " is damaged (" + detail + "); copy it again or leave it out", cause);
    }

    private static RgbImage toRgb(BufferedImage image) {
        return toRgb(image, Preparation.REFERENCE);
    }

    private static RgbImage toRgb(BufferedImage image, Preparation preparation) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] rgb = new byte[3 * width * height];
        if (image.getColorModel() instanceof IndexColorModel) {
            int[] row = new int[width];
            for (int y = 0, o = 0; y < height; y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                for (int x = 0; x < width; x++) {
                    rgb[o++] = (byte) (row[x] >> 16);
                    rgb[o++] = (byte) (row[x] >> 8);
                    rgb[o++] = (byte) row[x];
                }
            }
            return new RgbImage(width, height, rgb);
        }
        // Samples are taken from the raster: BufferedImage.getRGB would treat grey as linear light and brighten it.
        Raster raster = image.getRaster();
        int bands = raster.getNumBands();
        int green = bands < 3 ? 0 : 1;
        int blue = bands < 3 ? 0 : 2;
        byte[] reds = SampleLevels.table(image, 0, preparation);
        byte[] greens = SampleLevels.table(image, green, preparation);
        byte[] blues = SampleLevels.table(image, blue, preparation);
        int[] row = new int[width * bands];
        for (int y = 0, o = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int i = 0; i < row.length; i += bands) {
                rgb[o++] = reds[row[i]];
                rgb[o++] = greens[row[i + green]];
                rgb[o++] = blues[row[i + blue]];
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static GreyImage toGrey(BufferedImage image) {
        return ColorConversion.grey(toRgb(image));
    }
}
