package io.diffusionad.fuzz;

import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;

/**
 * What may happen to an input: it is read, or refused in a sentence, within {@link Reader#mostSeconds} of processor
 * time.
 */
final class Verdict {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Verdict() {}

    /** @throws AssertionError when something else happens; what the reader throws besides passes through */
    static void of(Reader reader, byte[] input, Reader.Scratch scratch) {
        // The first time may include the loading of classes: what is slow is slow twice.
        long most = reader.mostSeconds() * 1_000_000_000L;
        if (nanoseconds(reader, input, scratch) > most) {
            long again = nanoseconds(reader, input, scratch);
            if (again > most) {
                throw new AssertionError(
                        reader.label() + " took " + again / 1_000_000 + " ms for " + input.length + " bytes");
            }
        }
    }

    private static long nanoseconds(Reader reader, byte[] input, Reader.Scratch scratch) {
        long start = THREADS.getCurrentThreadCpuTime();
        try {
            reader.read(input, scratch);
        } catch (IOException | RuntimeException e) {
            requireSentence(e);
        }
        return THREADS.getCurrentThreadCpuTime() - start;
    }

    static void requireSentence(Exception e) {
        boolean refusal = e instanceof InvalidInputException
                || e instanceof IOException
                        && !(e instanceof FileSystemException || e instanceof CharacterCodingException);
        if (!refusal || e.getMessage() == null || e.getMessage().isBlank()) {
            throw new AssertionError("refused by " + e.getClass().getName() + ": " + e.getMessage(), e);
        }
    }
}
