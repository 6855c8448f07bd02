#!/usr/bin/env bash
# One palette mask, four readers, four answers to "how bright is the defect": thresholds at half of white lose it in most of them.
#
# Labelling tools save masks as palette PNGs: index 1, painted dark red (128, 0, 0), is the defect. Read as a grey picture, the defect is
#   OpenCV 4.13 IMREAD_GRAYSCALE     38   (Rec. 601 luma)
#   sharp 0.35.5 greyscale()         60   (luminance in linear light)
#   image-js 1.7.0 grey()            27   (Rec. 709 luma)
#   Java's ImageIO, raster            1   (the index)
# None reaches 128, so "mask > 127" says that the part is good. The class number is in the index alone.
# Way out: binarise masks by difference from their background color (or index), never by a level of grey.
. "$(dirname "$(readlink -f "$0")")/common.sh"
opencv
npm_packages sharp@0.35.5 image-js@1.7.0
cat > Masks.java <<'JAVA'
import static org.bytedeco.opencv.global.opencv_imgcodecs.*;
import java.awt.image.*;
import java.io.File;
import javax.imageio.ImageIO;
public class Masks {
    public static void main(String[] arguments) throws Exception {
        File file = new File("mask.png");
        if (arguments.length == 0) {
            byte[] red = {0, (byte) 128};
            byte[] none = {0, 0};
            BufferedImage mask = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, none, none));
            mask.getRaster().setSample(4, 4, 0, 1);
            ImageIO.write(mask, "png", file);
            return;
        }
        BufferedImage mask = ImageIO.read(file);
        System.out.println("OpenCV grayscale " + (imread("mask.png", IMREAD_GRAYSCALE).ptr(4, 4).get() & 0xFF));
        System.out.println("ImageIO raster " + mask.getRaster().getSample(4, 4, 0));
    }
}
JAVA
cat > read.mjs <<'JS'
import fs from 'node:fs';
import sharp from 'sharp';
import { decode } from 'image-js';
const grey = await sharp('mask.png').greyscale().raw().toBuffer({ resolveWithObject: true });
console.log('sharp greyscale', grey.data[(4 * 8 + 4) * grey.info.channels]);
console.log('image-js grey', decode(new Uint8Array(fs.readFileSync('mask.png'))).grey().getPixel(4, 4)[0]);
JS
java -cp "$class_path" Masks.java
{ java -cp "$class_path" Masks.java read 2> opencv.log; node read.mjs; } > seen
cat > expected <<'TEXT'
OpenCV grayscale 38
ImageIO raster 1
sharp greyscale 60
image-js grey 27
TEXT
expect
