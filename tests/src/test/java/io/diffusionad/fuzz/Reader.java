package io.diffusionad.fuzz;

import io.diffusionad.app.run.RunSettings;
import io.diffusionad.checkpoint.ReferenceCheckpoint;
import io.diffusionad.checkpoint.ReferenceConfig;
import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.image.Images;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.Preparation.Fit;
import io.diffusionad.image.Preparation.Levels;
import io.diffusionad.image.RgbImage;
import io.diffusionad.io.SafeTensors;
import io.diffusionad.io.SafeTensorsReader;
import io.diffusionad.io.TorchCheckpoint;
import io.diffusionad.settings.ModelCard;
import io.diffusionad.settings.ModelSettings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Everything that reads what others wrote. Each gives a value for any bytes, or refuses them in a sentence. */
enum Reader {
    PICTURE {
        @Override
        void read(byte[] input, Scratch scratch) throws IOException {
            Path file = scratch.file("picture.png", input);
            Preparation.AREA.readSquare(file, SIDE);
            Preparation.REFERENCE
                    .withLevels(Levels.MIN_MAX, 16)
                    .withFit(Fit.LETTERBOX)
                    .readSquare(file, SIDE);
        }
    },
    MASK {
        @Override
        void read(byte[] input, Scratch scratch) throws IOException {
            Path file = scratch.file("mask.png", input);
            TestImage image = new TestImage(file, "scratch", true, List.of(file));
            MaskReader reader = MaskReader.of(
                    Category.builder()
                            .name("fuzz")
                            .folder(scratch.folder())
                            .train(List.of(file))
                            .test(List.of(image))
                            .build(),
                    MaskOptions.DEFAULT);
            reader.description();
            RgbImage picture = Images.readRgb(file);
            reader.read(image, picture);
            reader.at(image, picture, Preparation.AREA.place(picture.width(), picture.height(), SIDE));
        }
    },
    MANIFEST_CSV {
        @Override
        void read(byte[] input, Scratch scratch) throws IOException {
            dataset(scratch, "parts.csv", input);
        }
    },
    MANIFEST_JSONL {
        @Override
        void read(byte[] input, Scratch scratch) throws IOException {
            dataset(scratch, "parts.jsonl", input);
        }
    },
    SAFETENSORS {
        @Override
        void read(byte[] input, Scratch scratch) throws IOException {
            Path file = scratch.file("input.safetensors", input);
            SafeTensors tensors = SafeTensors.read(file);
            try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
                ModelCard.fromMetadata(tensors.metadata(), "input");
                reader.verifyChecksum();
            }
        }
    },
    /** Whole files of {@code torch.save}, in either format. */
    TORCH {
        @Override
        void read(byte[] input, Scratch scratch) throws IOException {
            Path file = scratch.file("input.pt", input);
            contents(TorchCheckpoint.read(file));
            ReferenceCheckpoint.read(file, "fuzz");
        }
    },
    /** The pickle of an archive whose other parts are sound. */
    PICKLE {
        @Override
        void read(byte[] input, Scratch scratch) throws IOException {
            contents(TorchCheckpoint.read(scratch.file("input.pt", TorchArchive.of(input))));
        }
    },
    /** The original program's settings, a run's own, and a model's description. */
    CONFIG {
        @Override
        void read(byte[] input, Scratch scratch) throws IOException {
            Path file = scratch.file("config.json", input);
            refusedOrRead(() -> ReferenceConfig.read(file));
            refusedOrRead(() -> RunSettings.read(file));
            ModelSettings.fromJson(new String(input, StandardCharsets.UTF_8));
        }
    };

    private static final int SIDE = 32;

    /** What the bytes say is read; the value is of no interest. */
    abstract void read(byte[] input, Scratch scratch) throws IOException;

    /** Processor time that may pass. A picture's grows with its pixels, of which a few bytes can claim millions. */
    long mostSeconds() {
        return this == PICTURE || this == MASK ? 10 : 1;
    }

    /** As the command line and the corpus' folders call it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Reader labelled(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** A manifest that may name two pictures and a mask; it is read before any of them. */
    private static void dataset(Scratch scratch, String name, byte[] manifest) throws IOException {
        for (String picture : List.of("a.png", "b.png", "m.png")) {
            if (Files.notExists(scratch.folder().resolve(picture))) {
                scratch.file(picture, new byte[1]);
            }
        }
        Dataset dataset = Dataset.open(scratch.file(name, manifest));
        dataset.categoryNames().forEach(dataset::category);
    }

    private interface Reading {
        Object read() throws IOException;
    }

    private static void refusedOrRead(Reading reading) {
        try {
            reading.read();
        } catch (IOException | RuntimeException e) {
            Verdict.requireSentence(e);
        }
    }

    private static void contents(TorchCheckpoint checkpoint) throws IOException {
        Map<String, ?> tensors = checkpoint.allTensors();
        checkpoint.skipped();
        if (checkpoint.has("model")) {
            tensors.keySet().retainAll(checkpoint.tensors("model").keySet());
        }
    }

    /** A folder whose files are written anew for every input. */
    static final class Scratch {
        private final Path folder;

        Scratch(Path folder) {
            this.folder = folder;
        }

        /** One in memory where the system has such, since it is written some thousand times a second. */
        static Scratch make() throws IOException {
            Path memory = Path.of("/dev/shm");
            return new Scratch(
                    Files.isWritable(memory)
                            ? Files.createTempDirectory(memory, "diffusionad-fuzz")
                            : Files.createTempDirectory("diffusionad-fuzz"));
        }

        Path file(String name, byte[] contents) throws IOException {
            return Files.write(folder.resolve(name), contents);
        }

        Path folder() {
            return folder;
        }
    }
}
