package io.diffusionad.data;

import io.diffusionad.data.synthesis.AnomalyMask;
import io.diffusionad.data.synthesis.AnomalySynthesizer;
import io.diffusionad.data.synthesis.AutoForeground;
import io.diffusionad.data.synthesis.Foreground;
import io.diffusionad.data.synthesis.ForegroundExtractor;
import io.diffusionad.data.synthesis.GridShuffle;
import io.diffusionad.data.synthesis.PerlinNoise;
import io.diffusionad.data.synthesis.ProceduralTextures;
import io.diffusionad.data.synthesis.RandomForeground;
import io.diffusionad.data.synthesis.SynthesisOptions;
import io.diffusionad.data.synthesis.TextureFolder;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.evaluate.ValidationSet;
import io.diffusionad.image.PngWriter;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.Preparation.Fit;
import io.diffusionad.image.Preparation.Shrink;
import io.diffusionad.image.Recording;
import io.diffusionad.image.Resize;
import io.diffusionad.image.RgbImage;
import io.diffusionad.metrics.ScoredImage;
import io.diffusionad.random.PhiloxRandom;
import io.diffusionad.random.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SynthesisTest {
    private static final int SIZE = 64;

    @TempDir
    Path folder;

    private static TrainingImages images() {
        return new TrainingImages(
                SIZE, SIZE, List.of(Pictures.disc(SIZE, 1), Pictures.disc(SIZE, 2), Pictures.disc(SIZE, 3)));
    }

    private static AnomalySynthesizer synthesizer(long seed, Purpose purpose) {
        return new AnomalySynthesizer(
                images(), Foreground.FULL, new ProceduralTextures(SIZE, SIZE, 1), true, seed, purpose);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 8", "16, 4", "32, 32"})
    void perlinNoiseEqualsTheReference(int rows, int columns) {
        Recording recording = Recording.open("perlin");
        String name = rows + "x" + columns;
        double[] noise = PerlinNoise.of(
                256,
                256,
                rows,
                columns,
                recording.tensor(name + ".angle_uniform").toDoubles());
        float[] rounded = new float[noise.length];
        for (int i = 0; i < noise.length; i++) {
            rounded[i] = (float) noise[i];
        }
        recording.assertValues(name + ".noise", rounded, 256, 1e-7);
    }

    @Test
    void perlinNoiseVanishesOnItsLattice() {
        double[] noise = PerlinNoise.random(32, 24, 2, 3, random(4));
        for (int y = 0; y < 24; y += 6) {
            for (int x = 0; x < 32; x += 4) {
                assertEquals(0, noise[y * 32 + x], 1e-12);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> PerlinNoise.of(8, 8, 2, 2, new double[8]));
    }

    @Test
    void aSampleDependsOnSeedPurposeAndIndexAlone() {
        AnomalySynthesizer source = synthesizer(5, Purpose.SYNTHESIS);
        for (long index : new long[] {0, 3, 1L << 40}) {
            TrainingSample first = source.sample(index);
            TrainingSample again = synthesizer(5, Purpose.SYNTHESIS).sample(index);
            assertArrayEquals(first.image(), again.image());
            assertArrayEquals(first.mask(), again.mask());
        }
        Set<Integer> hashes = new HashSet<>();
        for (AnomalySynthesizer other :
                List.of(source, synthesizer(6, Purpose.SYNTHESIS), synthesizer(5, Purpose.VALIDATION))) {
            hashes.add(IntStream.range(0, 4)
                    .map(i -> Arrays.hashCode(other.sample(i).image()))
                    .sum());
        }
        assertEquals(3, hashes.size());
    }

    @Test
    void halfOfTheSamplesAreNormalAndTheRestIsMarked() {
        AnomalySynthesizer source = synthesizer(5, Purpose.SYNTHESIS);
        int anomalous = 0;
        for (int i = 0; i < 200; i++) {
            AnomalySynthesizer.Drawn drawn = source.draw(i);
            TrainingSample sample = drawn.sample();
            float[] normal = drawn.normal().toFloats();
            boolean marked = false;
            for (int p = 0; p < sample.mask().length; p++) {
                marked |= sample.mask()[p] != 0;
                for (int c = 0; c < 3; c++) {
                    float value = sample.image()[3 * p + c];
                    assertTrue(value >= 0 && value <= 1);
                    if (sample.mask()[p] == 0) {
                        assertEquals(normal[3 * p + c], value, "outside the mask nothing changes");
                    }
                }
            }
            assertEquals(marked, sample.anomalous());
            anomalous += sample.anomalous() ? 1 : 0;
        }
        assertTrue(anomalous > 75 && anomalous < 125, anomalous + " of 200 anomalous");
    }

    @Test
    void masksStayWithinTheForeground() {
        float[] foreground = new float[SIZE * SIZE];
        for (int i = 0; i < foreground.length; i++) {
            foreground[i] = i % SIZE < 20 ? 0.75f : 0f;
        }
        for (int i = 0; i < 20; i++) {
            float[] mask = AnomalyMask.draw(SIZE, SIZE, foreground, random(i));
            float largest = 0;
            for (int p = 0; p < mask.length; p++) {
                assertTrue(mask[p] == 0f || mask[p] == foreground[p]);
                largest = Math.max(largest, mask[p]);
            }
            assertEquals(0.75f, largest);
        }
    }

    @Test
    void anEmptyForegroundEndsAfterFiftyDrawsAndGivesANormalSample() {
        float[] nothing = new float[SIZE * SIZE];
        assertArrayEquals(nothing, AnomalyMask.draw(SIZE, SIZE, nothing, random(1)));
        Foreground nowhere = new Foreground() {
            @Override
            public float[] of(int image, RandomGenerator random) {
                return nothing;
            }

            @Override
            public String description() {
                return "nowhere";
            }
        };
        AnomalySynthesizer source = new AnomalySynthesizer(
                images(), nowhere, new ProceduralTextures(SIZE, SIZE, 1), false, 1, Purpose.SYNTHESIS);
        for (int i = 0; i < 8; i++) {
            assertFalse(source.sample(i).anomalous());
        }
    }

    @Test
    void shufflingKeepsEveryTileOnce() {
        byte[] rgb = new byte[3 * 16 * 16];
        for (int p = 0; p < 256; p++) {
            int tile = p / 32 * 8 + p % 16 / 2;
            Arrays.fill(rgb, 3 * p, 3 * p + 3, (byte) tile);
        }
        RgbImage shuffled = GridShuffle.shuffle(new RgbImage(16, 16, rgb), random(2));
        int[] counts = new int[64];
        for (int i = 0; i < rgb.length; i++) {
            counts[shuffled.rgb()[i]]++;
        }
        assertTrue(Arrays.stream(counts).allMatch(count -> count == 12), Arrays.toString(counts));
        for (int x = 0; x < 8; x++) {
            int column = shuffled.channel(2 * x, 0, 0) % 8;
            assertEquals(x < 4 ? 0 : 1, column % 2, "even columns come first");
        }
        assertThrows(IllegalArgumentException.class, () -> GridShuffle.shuffle(RgbImage.black(20, 16), random(2)));
    }

    @Test
    void proceduralTexturesAreRepeatableAndDiffer() {
        ProceduralTextures textures = new ProceduralTextures(48, 40, 9);
        Set<Integer> pictures = new HashSet<>();
        for (int i = 0; i < 48; i++) {
            RgbImage texture = textures.get(i);
            assertArrayEquals(
                    texture.rgb(), new ProceduralTextures(48, 40, 9).get(i).rgb());
            pictures.add(Arrays.hashCode(texture.rgb()));
            int[] range = {255, 0};
            for (byte value : texture.rgb()) {
                range[0] = Math.min(range[0], value & 0xFF);
                range[1] = Math.max(range[1], value & 0xFF);
            }
            assertTrue(range[1] - range[0] > 10, "texture " + i + " is flat");
        }
        assertEquals(48, pictures.size());
        assertNotEquals(
                Arrays.hashCode(textures.get(0).rgb()),
                Arrays.hashCode(new ProceduralTextures(48, 40, 10).get(0).rgb()));
    }

    /**
     * A picture of 64x16 in a square of 32 fills rows 12 to 19: nothing else is ever marked, and nothing else scores.
     */
    @Test
    void barsBesideAPictureGetNoAnomalyAndDoNotScore() {
        for (int i = 0; i < 3; i++) {
            PngWriter.write(folder.resolve("good/" + i + ".png"), Pictures.noise(64, 16, i));
        }
        Category category = Dataset.open(folder.resolve("good")).onlyCategory();
        Preparation letterbox = Preparation.AREA.withFit(Fit.LETTERBOX);
        AnomalySynthesizer source =
                AnomalySynthesizer.of(category, SynthesisOptions.of(32, letterbox, 3), Purpose.VALIDATION);
        int anomalous = 0;
        for (int i = 0; i < 60; i++) {
            TrainingSample sample = source.sample(i);
            anomalous += sample.anomalous() ? 1 : 0;
            for (int p = 0; p < sample.mask().length; p++) {
                boolean bar = p / 32 < 12 || p / 32 >= 20;
                assertTrue(!bar || sample.mask()[p] == 0, "the bar is marked at " + p);
                assertTrue(!bar || sample.image()[3 * p] == 128 / 255f, "the bar is painted at " + p);
            }
            float[] map = new float[32 * 32];
            Arrays.fill(map, 9f);
            Arrays.fill(map, 12 * 32, 20 * 32, 0.25f);
            ScoredImage scored = sample.scored(map);
            assertEquals(32 * 8, scored.scoreMap().length);
            assertEquals(0.25, scored.imageScore(), 1e-6, "bars of 9 do not count");
            assertEquals(sample.anomalous(), scored.anomalous());
        }
        assertTrue(anomalous > 18 && anomalous < 42, anomalous + " of 60 anomalous");
        ValidationSet held = ValidationSet.of(category, SynthesisOptions.of(32, letterbox, 3));
        assertTrue(held.samples().stream().allMatch(sample -> sample.placement().insideHeight() == 8));
    }

    /** An object on a plain background is found within the picture, not within its bars. */
    @Test
    void theForegroundIsLookedForWithoutBars() {
        RgbImage wide = RgbImage.black(64, 32);
        RgbImage disc = Pictures.disc(32, 1);
        for (int i = 0; i < wide.rgb().length; i++) {
            int x = i / 3 % 64;
            wide.rgb()[i] = x >= 16 && x < 48 ? disc.rgb()[3 * (i / 3 / 64 * 32 + x - 16) + i % 3] : 42;
        }
        Preparation letterbox = Preparation.AREA.withFit(Fit.LETTERBOX);
        TrainingImages images =
                new TrainingImages(64, 64, List.of(letterbox.square(wide, 64)), List.of(letterbox.place(64, 32, 64)));
        AutoForeground foreground = new AutoForeground(images);
        assertTrue(foreground.showsObjects());
        float[] mask = foreground.of(0, random(1));
        assertEquals(1f, mask[32 * 64 + 32]);
        assertEquals(0f, mask[18 * 64 + 3], "background");
        assertEquals(0f, mask[5 * 64 + 32], "bar");
    }

    @Test
    void texturesShrinkAsThePicturesDo() {
        PngWriter.write(folder.resolve("a.png"), Pictures.noise(64, 48, 1));
        assertArrayEquals(
                Resize.bilinear(Pictures.noise(64, 48, 1), 16, 16).rgb(),
                new TextureFolder(folder, Shrink.BILINEAR, 16, 16).get(0).rgb());
        assertArrayEquals(
                Resize.area(Pictures.noise(64, 48, 1), 16, 16).rgb(),
                new TextureFolder(folder, Shrink.AREA, 16, 16).get(0).rgb());
    }

    @Test
    void textureFoldersAreSearchedAndMissingOnesExplained() {
        PngWriter.write(folder.resolve("images/banded/banded_1.png"), Pictures.noise(20, 30, 1));
        PngWriter.write(folder.resolve("images/woven/woven_1.png"), Pictures.noise(20, 30, 2));
        TextureFolder textures = new TextureFolder(folder, Shrink.BILINEAR, 16, 16);
        assertEquals(2, textures.count());
        assertEquals(16, textures.get(1).width());
        assertEquals(textures.get(1), textures.get(1));
        assertTrue(assertThrows(
                        InvalidInputException.class,
                        () -> new TextureFolder(folder.resolve("none"), Shrink.BILINEAR, 16, 16))
                .getMessage()
                .contains("none"));
    }

    @Test
    void anObjectOnAPlainBackgroundIsFound() {
        byte[] mask = ForegroundExtractor.extract(Pictures.disc(SIZE, 4)).orElseThrow();
        int inside = 0;
        int outside = 0;
        for (int i = 0; i < mask.length; i++) {
            double r = Math.hypot(i % SIZE + 0.5 - SIZE / 2.0, i / SIZE + 0.5 - SIZE / 2.0);
            inside += r < SIZE / 4.0 ? 1 - mask[i] : 0;
            outside += r > SIZE / 4.0 + 3 ? mask[i] : 0;
        }
        assertEquals(0, inside, "pixels of the disc left out");
        assertEquals(0, outside, "pixels of the background taken in");
    }

    @Test
    void texturesAndEmptyPicturesHaveNoForeground() {
        assertTrue(ForegroundExtractor.extract(Pictures.noise(SIZE, SIZE, 1)).isEmpty());
        assertTrue(ForegroundExtractor.extract(RgbImage.black(SIZE, SIZE)).isEmpty());
    }

    @Test
    void randomForegroundsCoverPartOfThePicture() {
        RandomForeground foreground = new RandomForeground(SIZE, SIZE);
        for (int i = 0; i < 20; i++) {
            double share = 0;
            for (float value : foreground.of(0, random(i))) {
                share += value / (SIZE * SIZE);
            }
            assertTrue(share > 0.07 && share <= 1, "covers " + share);
        }
    }

    @Test
    void foregroundFilesAreUsedWhenPresentAndMustBeComplete() throws Exception {
        for (int i = 0; i < 2; i++) {
            PngWriter.write(folder.resolve("nut/train/good/" + i + ".png"), Pictures.disc(SIZE, i));
            Pictures.writeMask(folder.resolve("nut/DISthresh/good/" + i + ".png"), SIZE, SIZE, 255);
        }
        Category category = Dataset.open(folder).onlyCategory();
        AnomalySynthesizer source =
                AnomalySynthesizer.of(category, SynthesisOptions.of(SIZE, Preparation.REFERENCE, 3), Purpose.SYNTHESIS);
        assertTrue(source.description().contains("DISthresh"), source.description());
        for (int i = 0; i < 20; i++) {
            float[] mask = source.sample(i).mask();
            for (int p = mask.length / 2; p < mask.length; p++) {
                assertEquals(0f, mask[p], "the lower half is background");
            }
        }
        Files.delete(folder.resolve("nut/DISthresh/good/1.png"));
        String message = assertThrows(
                        InvalidInputException.class,
                        () -> AnomalySynthesizer.of(
                                category, SynthesisOptions.of(SIZE, Preparation.REFERENCE, 3), Purpose.SYNTHESIS))
                .getMessage();
        assertTrue(message.contains("1.png is missing"), message);
    }

    @Test
    void objectsAreToldFromTextures() {
        for (int i = 0; i < 2; i++) {
            PngWriter.write(folder.resolve("nut/train/good/" + i + ".png"), Pictures.disc(SIZE, i));
            PngWriter.write(folder.resolve("felt/train/good/" + i + ".png"), Pictures.noise(SIZE, SIZE, i));
        }
        SynthesisOptions options = SynthesisOptions.of(SIZE, Preparation.REFERENCE, 3);
        assertTrue(AnomalySynthesizer.of(Dataset.open(folder).category("nut"), options, Purpose.SYNTHESIS)
                .description()
                .contains("shuffled"));
        assertFalse(AnomalySynthesizer.of(Dataset.open(folder).category("felt"), options, Purpose.SYNTHESIS)
                .description()
                .contains("shuffled"));
        assertThrows(IllegalArgumentException.class, () -> SynthesisOptions.of(60, Preparation.REFERENCE, 1));
    }

    private static RandomGenerator random(long sample) {
        return new PhiloxRandom(8, Purpose.TEST, sample);
    }
}
