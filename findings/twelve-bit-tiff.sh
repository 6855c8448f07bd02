#!/usr/bin/env bash
# A 12-bit grey TIFF, as machine-vision cameras write it, has three values in three readers, and which one a Java program gets depends on a jar.
#
# The file is a valid baseline-style TIFF: BitsPerSample 12, packed, uncompressed. Its samples are 0, 4095, 2048 and 0x123 = 291.
#   TwelveMonkeys 3.12.0, geotiff 3.0.5   the samples as stored: 0 4095 2048 291, in 16-bit containers (a full white is 4095 of 65535)
#   Java's own reader (17 and 25 tried)   multiplied by 65535/4095:  0 65535 32776 4657
#   OpenCV 4.13, IMREAD_UNCHANGED         shifted left by 4:         0 65520 32768 4656
#   OpenCV 4.13, IMREAD_GRAYSCALE         no picture (an empty matrix, not an error)
#   utif 3.1.0, toRGBA8                   all black and transparent
# ImageIO asks TwelveMonkeys first when its jar is on the class path, so adding a dependency makes the same program's pictures 16 times darker.
# Way out: scale by BitsPerSample yourself and say so; never take 16-bit containers for 16-bit pictures.
. "$(dirname "$(readlink -f "$0")")/common.sh"
twelvemonkeys_tiff
twelvemonkeys_jars=$class_path
opencv
opencv_jars=$class_path
npm_packages geotiff@3.0.5 utif@3.1.0

tiff_writer
cat > make.mjs <<'JS'
import { tiff } from './tiff.mjs';
const samples = [0, 4095, 2048, 0x123];
tiff('twelve.tif', 4, 12, 1, Buffer.from(samples.map(v => v.toString(2).padStart(12, '0')).join('').match(/.{8}/g).map(byte => parseInt(byte, 2))));
JS
cat > read.mjs <<'JS'
import fs from 'node:fs';
import { fromArrayBuffer } from 'geotiff';
import UTIF from 'utif';
const bytes = fs.readFileSync('twelve.tif');
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
console.log('geotiff', ...(await (await (await fromArrayBuffer(buffer)).getImage()).readRasters())[0]);
const [page] = UTIF.decode(buffer);
UTIF.decodeImage(buffer, page);
console.log('utif toRGBA8', new Set(UTIF.toRGBA8(page)).size === 1 ? 'all ' + UTIF.toRGBA8(page)[0] : 'has values');
JS
cat > ReadTiff.java <<'JAVA'
import java.io.File;
import java.util.Arrays;
import javax.imageio.ImageIO;
public class ReadTiff {
    public static void main(String[] arguments) throws Exception {
        System.out.println(arguments[0] + " " + Arrays.toString(ImageIO.read(new File("twelve.tif")).getRaster().getPixels(0, 0, 4, 1, (int[]) null)));
    }
}
JAVA
cat > ReadOpenCv.java <<'JAVA'
import static org.bytedeco.opencv.global.opencv_imgcodecs.*;
import org.bytedeco.opencv.opencv_core.Mat;
public class ReadOpenCv {
    public static void main(String[] arguments) {
        Mat unchanged = imread("twelve.tif", IMREAD_UNCHANGED);
        StringBuilder line = new StringBuilder("OpenCV unchanged");
        for (int x = 0; x < 4; x++) {
            line.append(' ').append(Short.toUnsignedInt(unchanged.ptr(0, x).getShort()));
        }
        System.out.println(line);
        System.out.println("OpenCV grayscale " + (imread("twelve.tif", IMREAD_GRAYSCALE).empty() ? "no picture" : "a picture"));
    }
}
JAVA
node make.mjs
{
    java -cp . ReadTiff.java "Java alone"
    java -cp "$twelvemonkeys_jars" ReadTiff.java "Java with TwelveMonkeys"
    java -cp "$opencv_jars" ReadOpenCv.java 2> opencv.log
    node read.mjs
} > seen
cat > expected <<'TEXT'
Java alone [0, 65535, 32776, 4657]
Java with TwelveMonkeys [0, 4095, 2048, 291]
OpenCV unchanged 0 65520 32768 4656
OpenCV grayscale no picture
geotiff 0 4095 2048 291
utif toRGBA8 all 0
TEXT
expect
