package io.diffusionad.image;

import io.diffusionad.error.InvalidInputException;

import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reading pictures as the reference's OpenCV does: PNG (1 to 16 bits, grey, palette, alpha), JPEG (grey, colour, CMYK),
 * BMP, TIFF, WebP and PNM become 8-bit channels; 16 bits keep their upper byte, alpha is dropped, palettes are looked
 * up, the orientation that a camera noted is applied. Of files with several pictures the first is read. Unlike
 * {@code javax.imageio} alone it never returns half a picture for a truncated file, and reads alike whatever decoders
 * the host program has registered. Thread-safe.
 */
public final class Images {
    /** Larger pictures are refused before decoding: 100 million pixels. */
    public static final long MAX_PIXELS = 100_000_000L;
    /** What is read, for messages. */
    public static final String FORMATS = "PNG, JPEG, TIFF, WebP, BMP or PNM";
    /** How names of pictures end, in lower case. */
    public static final Set<String> EXTENSIONS =
            Set.of("png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp", "pgm", "ppm", "pbm", "pnm");

    private static final long MAX_FILE_BYTES = 1L << 30;

    private Images() {}

    /** Whether a file is called as pictures are. */
    public static boolean isNamedAsImage(Path file) {
        String name = file.getFileName().toString();
        return EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /**
     * @throws InvalidInputException if the file is missing, empty, damaged, truncated, too large, or not of
     *     {@link #FORMATS}
     */
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

    /**
     * The pixels of any AWT image under the same rules (upper byte of 16 bits, alpha dropped, no colour-profile
     * conversion).
     */
    public static RgbImage fromBufferedImage(BufferedImage image) {
        return toRgb(image);
    }

    /**
     * As {@link #fromBufferedImage(BufferedImage)}, samples of more than 8 bits brought to 8 as the preparation says.
     */
    public static RgbImage fromBufferedImage(BufferedImage image, Preparation preparation) {
        return toRgb(image, preparation);
    }

    /** The samples as they are stored, e.g. of a mask. */
    static StoredPicture readStored(Path file) {
        return decodeStored(bytes(file), file.toString());
    }

    /**
     * How a picture's stored pixels are turned before anybody sees them. @throws InvalidInputException as
     * {@link #readRgb}, if the file is no picture
     */
    public static ExifOrientation orientation(Path file) {
        return ImageContainer.check(bytes(file), file.toString()).orientation();
    }

    /**
     * The size of the upright picture, by its header: pixels are not decoded. @throws InvalidInputException as
     * {@link #readRgb(Path)}
     */
    public static PictureSize size(Path file) {
        byte[] encoded = bytes(file);
        ImageContainer container = ImageContainer.check(encoded, file.toString());
        ImageReader reader = null;
        try (ImageInputStream stream = new BoundedInput(container.encoded())) {
            reader = container.format().newReader();
            reader.setInput(stream, true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            return container.orientation().isTransposed()
                    ? new PictureSize(height, width)
                    : new PictureSize(width, height);
        } catch (IOException | RuntimeException e) {
            throw e instanceof InvalidInputException known
                    ? known
                    : ImageContainer.damaged(file.toString(), String.valueOf(e.getMessage()), e);
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
    }

    private static byte[] bytes(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_FILE_BYTES) {
                throw new InvalidInputException("image file " + file + " has " + size
                        + " bytes, more than the limit of 1 GiB; scale the picture down");
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
        List<String> warnings = new ArrayList<>();
        ImageReader reader = null;
        try (ImageInputStream stream = new BoundedInput(container.encoded())) {
            reader = container.format().newReader();
            reader.setInput(stream, true, true);
            reader.addIIOReadWarningListener((source, text) -> warnings.add(String.valueOf(text)));
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if ((long) width * height > MAX_PIXELS) {
                throw new InvalidInputException(
                        "image " + name + " is " + width + "x" + height + " pixels, more than the limit of "
                                + MAX_PIXELS / 1_000_000 + " million; scale it down first");
            }
            StoredPicture picture = container.format() == ImageFormat.TIFF
                    ? readTiff(reader, container)
                    : new StoredPicture(
                            reader.read(0), container.format() == ImageFormat.JPEG, container.orientation(), false);
            for (String warning : warnings) {
                if (warning.matches("(?is).*(corrupt|premature|truncat).*")
                        && !warning.contains("extraneous bytes before marker")) {
                    throw ImageContainer.damaged(name, warning, null);
                }
            }
            return picture;
        } catch (IOException | RuntimeException e) {
            if (e instanceof InvalidInputException known) {
                throw known;
            }
            if (container.coding() != null) {
                throw new InvalidInputException(
                        "image " + name + " uses " + container.coding() + ", which the JPEG decoder of this Java ("
                                + System.getProperty("java.vendor")
                                + ") does not read; convert it to PNG, or run another Java",
                        e);
            }
            throw ImageContainer.damaged(name, String.valueOf(e.getMessage()), e);
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
    }

    private static StoredPicture readTiff(ImageReader reader, ImageContainer container) throws IOException {
        int type = reader.getRawImageType(0).getSampleModel().getDataType();
        if (type != DataBuffer.TYPE_BYTE && type != DataBuffer.TYPE_USHORT) {
            Raster raster = reader.readRaster(0, null); // decoded to an image, samples outside 0 and 1 would be cut off
            double[] range = DeepSamples.range(raster);
            return new StoredPicture(
                    DeepSamples.toSixteenBits(raster, range),
                    false,
                    container.orientation(),
                    range[0] != 0 || range[1] != 1);
        }
        BufferedImage image = reader.read(0);
        int bits = (int) new TiffDirectory(ByteBuffer.wrap(container.encoded())).value(TiffDirectory.BITS, 8L);
        return new StoredPicture(
                bits > 8 && bits < 16 ? DeepSamples.fromBits(image, bits) : image,
                false,
                container.orientation(),
                false);
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
