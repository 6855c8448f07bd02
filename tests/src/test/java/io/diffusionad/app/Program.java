package io.diffusionad.app;

import io.diffusionad.app.console.Console;

import java.io.PrintWriter;
import java.io.StringWriter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** One command line run inside the test's JVM: what it printed and how it ended. */
record Program(int exitCode, String out, String err) {
    static Program run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        int exitCode = Main.run(new Console(new PrintWriter(out, true), new PrintWriter(err, true), false), words);
        return new Program(exitCode, out.toString(), err.toString());
    }

    Program succeeds() {
        assertEquals(0, exitCode, () -> "out:\n" + out + "err:\n" + err);
        return this;
    }

    /** Ended with 2 and one sentence on standard error that holds every one of the words; no stack trace. */
    Program isRefusedNaming(String... words) {
        assertEquals(2, exitCode, () -> "out:\n" + out + "err:\n" + err);
        String sentence = err.lines()
                .filter(line -> line.startsWith("error: "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no error line in:\n" + err));
        for (String word : words) {
            if (!sentence.contains(word)) {
                throw new AssertionError("'" + word + "' is missing in: " + sentence);
            }
        }
        assertEquals(1, err.lines().filter(line -> line.startsWith("error: ")).count(), err);
        assertFalse(err.contains("\tat "), () -> "a stack trace:\n" + err);
        return this;
    }
}
