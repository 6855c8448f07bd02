package io.diffusionad.image;

import com.twelvemonkeys.imageio.plugins.bmp.BMPImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.pnm.PNMImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;

import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/**
 * The picture formats that are read, each by one known decoder. Decoders are made here, never looked up by format in
 * the registry of {@code javax.imageio}: which of them a format name finds there depends on whatever else the host
 * program has on its class path. Nothing is registered.
 */
enum ImageFormat {
    /** Read by the Java runtime's own decoder. */
    PNG,
    /** TwelveMonkeys for segments and colors; the Java runtime's decoder for the coefficients. */
    JPEG,
    BMP,
    TIFF,
    WEBP,
    /** PBM, PGM and PPM, binary and text. */
    PNM;

    private static final String RUNTIME_PNG = "com.sun.imageio.plugins.png.PNGImageReaderSpi";
    private static final String RUNTIME_JPEG = "com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi";

    ImageReader newReader() throws IOException {
        return switch (this) {
            case PNG -> runtime(RUNTIME_PNG).createReaderInstance();
            case JPEG -> jpeg().createReaderInstance();
            case BMP -> new BMPImageReaderSpi().createReaderInstance();
            case TIFF -> new TIFFImageReaderSpi().createReaderInstance();
            case WEBP -> new WebPImageReaderSpi().createReaderInstance();
            case PNM -> new PNMImageReaderSpi().createReaderInstance();
        };
    }

    /** The Java runtime's own decoder, by the name of its class. */
    static ImageReaderSpi runtime(String provider) {
        Iterator<ImageReaderSpi> known = IIORegistry.getDefaultInstance()
                .getServiceProviders(
                        ImageReaderSpi.class,
                        candidate -> candidate.getClass().getName().equals(provider),
                        false);
        if (!known.hasNext()) {
            throw new IllegalStateException(
                    "this Java has no " + provider + ", or the program removed it from javax.imageio's registry");
        }
        return known.next();
    }

    /** TwelveMonkeys looks for the runtime's decoder in a registry: in one of ours. */
    private static ImageReaderSpi jpeg() {
        ServiceRegistry own =
                new ServiceRegistry(List.<Class<?>>of(ImageReaderSpi.class).iterator());
        own.registerServiceProvider(runtime(RUNTIME_JPEG), ImageReaderSpi.class);
        JPEGImageReaderSpi provider = new JPEGImageReaderSpi();
        provider.onRegistration(own, ImageReaderSpi.class);
        return provider;
    }
}
