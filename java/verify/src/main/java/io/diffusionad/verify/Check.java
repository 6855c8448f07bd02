package io.diffusionad.verify;

import java.io.IOException;

/**
 * Replays one family of recorded quantities. Files are recognised by what they hold, so that they may have any name,
 * shape and number of cases.
 */
interface Check {
    boolean accepts(GoldenFile file);

    /**
     * Compares whatever of the family the file has. @throws io.diffusionad.io.InvalidFileException when the file
     * contradicts itself
     */
    void run(GoldenFile file, Replay replay) throws IOException;
}
