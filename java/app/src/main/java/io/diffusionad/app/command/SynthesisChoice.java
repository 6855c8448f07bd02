package io.diffusionad.app.command;

import io.diffusionad.data.synthesis.SynthesisOptions.ForegroundChoice;
import io.diffusionad.data.synthesis.SynthesisOptions.Kind;
import picocli.CommandLine.Option;

import java.nio.file.Path;

/** The options on synthetic anomalies; null where not given. */
final class SynthesisChoice {
    @Option(
            names = "--textures",
            paramLabel = "FOLDER",
            description = "Pictures that anomalies are made of, such as DTD's images (default: generated).")
    private Path textures;

    @Option(
            names = "--foreground",
            paramLabel = "NAME",
            description =
                    "Where anomalies may lie: auto (files beside the data, else the object on a plain background), full, random (default: auto).")
    private ForegroundChoice foreground;

    @Option(
            names = "--kind",
            paramLabel = "NAME",
            description =
                    "object: anomalies are also made of the image itself; texture: never; auto (default): found out.")
    private Kind kind;

    Path textures() {
        return textures;
    }

    ForegroundChoice foreground(ForegroundChoice otherwise) {
        return foreground == null ? otherwise : foreground;
    }

    Kind kind(Kind otherwise) {
        return kind == null ? otherwise : kind;
    }
}
