package io.diffusionad.image;

import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.MemoryCacheImageOutputStream;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;

/** JPEGs by the JDK's encoder, whatever other encoders a host program has registered. Thread-safe. */
public final class JpegWriter {
    private static final String METADATA = "javax_imageio_jpeg_image_1.0";

    private JpegWriter() {}

    /**
     * @param quality 0 … 1
     * @param fullColor colors at every pixel, not at every second as cameras store them
     * @return the file's bytes
     */
    public static byte[] encode(RgbImage picture, float quality, boolean fullColor) {
        BufferedImage image = PngWriter.toBufferedImage(picture);
        ImageWriter writer = jdkWriter();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality);
            writer.setOutput(stream);
            IIOMetadata metadata = fullColor
                    ? fullColor(writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), parameters))
                    : null;
            writer.write(null, new IIOImage(image, null, metadata), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("encoding a picture in memory failed", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static IIOMetadata fullColor(IIOMetadata metadata) throws IOException {
        Element root = (Element) metadata.getAsTree(METADATA);
        NodeList components = root.getElementsByTagName("componentSpec");
        for (int i = 0; i < components.getLength(); i++) {
            ((Element) components.item(i)).setAttribute("HsamplingFactor", "1");
            ((Element) components.item(i)).setAttribute("VsamplingFactor", "1");
        }
        metadata.setFromTree(METADATA, root);
        return metadata;
    }

    private static ImageWriter jdkWriter() {
        for (Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpeg"); writers.hasNext(); ) {
            ImageWriter writer = writers.next();
            if (writer.getClass().getName().startsWith("com.sun.imageio.")) {
                return writer;
            }
        }
        throw new IllegalStateException("this Java writes no JPEG");
    }
}
