package io.diffusionad.benchmarks.peer;

import io.diffusionad.io.HostTensor;
import io.diffusionad.io.SafeTensorsWriter;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * The worker's side of the line protocol. The parent asks, one line each: {@code describe}, {@code outputs FILE} (a
 * safetensors file of vectors is written), {@code run}, {@code quit}; each is answered by one line: the description,
 * {@code written}, nanoseconds. The first line of a worker is {@code ready}. What libraries print goes to standard
 * error.
 */
public final class Worker {
    public static final String READY = "ready";

    private Worker() {}

    /** Makes a task. */
    @FunctionalInterface
    public interface Factory {
        PeerTask make() throws IOException;
    }

    /** Serves this process's standard input until it ends or says {@code quit}. */
    public static void serve(Factory factory) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        serve(factory, System.in, answers);
    }

    static void serve(Factory factory, InputStream questions, PrintStream answers) throws IOException {
        try (PeerTask task = factory.make()) {
            answers.println(READY);
            answers.flush();
            BufferedReader lines = new BufferedReader(new InputStreamReader(questions, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null && !line.equals("quit"); line = lines.readLine()) {
                answers.println(answer(task, line));
                answers.flush();
            }
        }
    }

    private static String answer(PeerTask task, String question) throws IOException {
        if (question.equals("describe")) {
            return task.description();
        }
        if (question.equals("run")) {
            long started = System.nanoTime();
            task.run();
            return Long.toString(System.nanoTime() - started);
        }
        if (question.startsWith("outputs ")) {
            SafeTensorsWriter writer = new SafeTensorsWriter();
            for (Map.Entry<String, float[]> output : task.outputs().entrySet()) {
                writer.tensor(
                        output.getKey(), HostTensor.ofFloats(new int[] {output.getValue().length}, output.getValue()));
            }
            writer.write(Path.of(question.substring("outputs ".length())));
            return "written";
        }
        throw new IllegalArgumentException(
                "unknown question '" + question + "': use describe, outputs FILE, run or quit");
    }
}
