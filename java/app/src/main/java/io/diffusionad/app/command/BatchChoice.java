package io.diffusionad.app.command;

import io.diffusionad.error.InvalidInputException;
import picocli.CommandLine.Option;

/** How many images are computed at once where there are many. */
final class BatchChoice {
    private static final int MOST = 1024;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "4",
            description = "Images computed at once; changes memory and speed only (default: ${DEFAULT-VALUE}).")
    private int images;

    /** @throws InvalidInputException when it is out of range */
    int images() {
        if (images < 1 || images > MOST) {
            throw new InvalidInputException("--batch " + images + " is impossible: choose 1 to " + MOST);
        }
        return images;
    }
}
