#!/usr/bin/env bash
# A 12-bit camera's picture in a 16-bit PNG: "reading it in 16 bits" with sharp gives 16 levels.
#
# Cameras of 10 or 12 bits are commonly saved with their values as they are (0 … 4095) in a 16-bit grey PNG. What remains of 4096 levels:
#   OpenCV 4.13 IMREAD_GRAYSCALE                 16 levels, at most 15 (the upper byte)
#   pngjs 7.0.0                                  17 levels, at most 16 (rounded, not cut)
#   sharp 0.35.5 raw({depth: 'ushort'})          16 levels, at most 15: an 8-bit picture in 16-bit numbers
#   sharp 0.35.5 toColourspace('grey16') before  4096 levels, at most 4095
# The first three are pictures that look black and of which a network sees nothing; no reader warns.
# Way out: look at the largest value of a whole set, and scale by the bits that are used.
. "$(dirname "$(readlink -f "$0")")/common.sh"
opencv
npm_packages sharp@0.35.5 pngjs@7.0.0
cat > Camera.java <<'JAVA'
import static org.bytedeco.opencv.global.opencv_imgcodecs.*;
import java.awt.image.*;
import java.io.File;
import java.util.*;
import javax.imageio.ImageIO;
import org.bytedeco.opencv.opencv_core.Mat;
public class Camera {
    public static void main(String[] arguments) throws Exception {
        BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_USHORT_GRAY);
        for (int i = 0; i < 4096; i++) {
            picture.getRaster().setSample(i % 64, i / 64, 0, i);
        }
        ImageIO.write(picture, "png", new File("camera.png"));
        Mat grey = imread("camera.png", IMREAD_GRAYSCALE);
        TreeSet<Integer> levels = new TreeSet<>();
        for (int i = 0; i < 4096; i++) {
            levels.add(grey.ptr(i / 64, i % 64).get() & 0xFF);
        }
        System.out.println("OpenCV grayscale: " + levels.size() + " levels, at most " + levels.last());
    }
}
JAVA
cat > read.mjs <<'JS'
import fs from 'node:fs';
import sharp from 'sharp';
import { PNG } from 'pngjs';
const say = (who, values) => console.log(`${who}: ${new Set(values).size} levels, at most ${values.reduce((a, b) => Math.max(a, b))}`);
const words = buffer => new Uint16Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length));
say('pngjs', PNG.sync.read(fs.readFileSync('camera.png')).data.filter((value, i) => i % 4 === 0));
say('sharp ushort', words(await sharp('camera.png').raw({ depth: 'ushort' }).toBuffer()));
say('sharp grey16 ushort', words(await sharp('camera.png').toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer()));
JS
{ java -cp "$class_path" Camera.java 2> opencv.log; node read.mjs; } > seen
cat > expected <<'TEXT'
OpenCV grayscale: 16 levels, at most 15
pngjs: 17 levels, at most 16
sharp ushort: 16 levels, at most 15
sharp grey16 ushort: 4096 levels, at most 4095
TEXT
expect
