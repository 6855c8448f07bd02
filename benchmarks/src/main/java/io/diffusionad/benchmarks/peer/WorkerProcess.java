package io.diffusionad.benchmarks.peer;

import io.diffusionad.benchmarks.ChildJvm;
import io.diffusionad.io.SafeTensorsReader;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that is compared, in a JVM of its own: two OpenMP runtimes in one process would disturb each other. The
 * parent's side of the protocol.
 */
public final class WorkerProcess implements AutoCloseable {
    private static final int LAST_LINES = 8;
    private static final long SECONDS_TO_END = 10;
    private static final long SECONDS_TO_SAY_WHY = 5;

    private final Contestant contestant;
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter questions;
    private final Path log;
    private final Path folder;

    /**
     * How a worker is started.
     *
     * @param name for results: {@code DiffusionAD}, {@code LibTorch}
     * @param variant what sets it apart from others of the name; may be empty
     * @param mainClass ends in {@link Worker#serve}
     * @param environment added to the parent's
     */
    public record Contestant(
            String name,
            String variant,
            Class<?> mainClass,
            List<String> jvmOptions,
            List<String> arguments,
            Map<String, String> environment) {
        @Override
        public String toString() {
            return variant.isEmpty() ? name : name + " " + variant;
        }
    }

    /**
     * Starts a worker and waits until it is ready.
     *
     * @param folder for its log and outputs
     * @throws IOException when it ends instead, with the last lines it printed
     */
    public WorkerProcess(Contestant contestant, Path folder) throws IOException {
        this.contestant = contestant;
        this.folder = folder;
        this.log = Files.createTempFile(folder, "worker-", ".log");
        ProcessBuilder builder = ChildJvm.of(contestant.jvmOptions, contestant.mainClass, contestant.arguments)
                .redirectError(log.toFile());
        builder.environment().putAll(contestant.environment);
        this.process = builder.start();
        this.answers = process.inputReader();
        this.questions = process.outputWriter();
        expect(Worker.READY, answer("start"));
    }

    public Contestant contestant() {
        return contestant;
    }

    public String description() throws IOException {
        return ask("describe");
    }

    /** @return what {@link PeerTask#outputs} returned */
    public Map<String, float[]> outputs() throws IOException {
        Path file = Files.createTempFile(folder, "outputs-", ".safetensors");
        expect("written", ask("outputs " + file));
        Map<String, float[]> outputs = new LinkedHashMap<>();
        try (SafeTensorsReader reader = SafeTensorsReader.open(file)) {
            for (String name : reader.names()) {
                outputs.put(name, reader.tensor(name).toFloats());
            }
        }
        Files.delete(file);
        return outputs;
    }

    /** Runs once. @return seconds, as the worker measured them */
    public double run() throws IOException {
        String nanoseconds = ask("run");
        if (!nanoseconds.matches("\\d{1,18}")) {
            throw new IOException(contestant + " answered '" + nanoseconds + "' where nanoseconds were asked for");
        }
        return Long.parseLong(nanoseconds) * 1e-9;
    }

    /** Asks the worker to end, and ends it if it does not. */
    @Override
    public void close() {
        try (questions) {
            questions.write("quit\n");
        } catch (IOException e) {
            process.destroyForcibly(); // it cannot be asked: it is ending, or has ended
        }
        if (!ended(SECONDS_TO_END)) {
            process.destroyForcibly();
        }
    }

    /** Whether the process ends within some seconds; an interruption ends the waiting. */
    private boolean ended(long seconds) {
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private String ask(String question) throws IOException {
        try {
            questions.write(question);
            questions.write('\n');
            questions.flush();
        } catch (IOException e) {
            throw new IOException(death(question), e);
        }
        return answer(question);
    }

    private String answer(String question) throws IOException {
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException(death(question));
        }
        return answer;
    }

    private void expect(String expected, String answer) throws IOException {
        if (!answer.equals(expected)) {
            throw new IOException(contestant + " answered '" + answer + "' instead of '" + expected + "'");
        }
    }

    private String death(String question) throws IOException {
        List<String> lines = Files.readAllLines(log);
        String status = ended(SECONDS_TO_SAY_WHY) ? " with status " + process.exitValue() : "";
        return contestant + " ended at '" + question + "'" + status + "; its last words: "
                + String.join(" | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }
}
