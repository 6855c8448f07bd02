package io.diffusionad.app;

import io.diffusionad.app.console.Units;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

import java.util.ArrayList;
import java.util.List;

/** What to do where memory ran out, in options that the command has and that can still be lowered. */
final class MemoryAdvice {
    private final CommandLine line;

    /** @param line of any command; what was read of it decides which subcommand's options are named */
    MemoryAdvice(CommandLine line) {
        CommandLine deepest = line;
        while (deepest.getParseResult() != null && deepest.getParseResult().hasSubcommand()) {
            deepest = deepest.getParseResult().subcommand().commandSpec().commandLine();
        }
        this.line = deepest;
    }

    /** Also for threads and buffers, which Java reports by the same error. */
    String forJava(OutOfMemoryError error) {
        String detail = error.getMessage() == null ? "" : error.getMessage();
        if (detail.contains("native thread")) {
            return "the system refused another thread: " + (has("--threads") ? "give fewer --threads, or " : "")
                    + "raise the limit on processes (ulimit -u, or pids.max of the container)";
        }
        if (detail.contains("irect buffer")) {
            return "Java's memory for buffers is full (" + detail
                    + "): give it more with DIFFUSIONAD_JAVA_OPTS=-XX:MaxDirectMemorySize=4g";
        }
        long heap = Runtime.getRuntime().maxMemory();
        String more = "give it more with DIFFUSIONAD_JAVA_OPTS=-Xmx" + Math.max(512, 2 * (heap >> 20)) + "m";
        List<String> smaller = isResumed() ? List.of() : smaller("a smaller --batch, or a smaller --image-size");
        return "the Java heap of " + Units.bytes(heap) + " is full: "
                + (smaller.isEmpty() ? more : String.join(", ", smaller) + ", or " + more);
    }

    /** @param sentence what the device said, ending with general advice */
    String forDevice(String sentence) {
        if (isResumed()) {
            return sentence + " (the run keeps its settings with --resume: go on where more memory is free)";
        }
        if (!has("--micro-batch") && has("--batch") && "1".equals(value("--batch"))) {
            return sentence + " (--batch is 1 already: another --device may have more memory)";
        }
        List<String> smaller =
                smaller("a smaller --micro-batch, --memory lean, a smaller --batch, or a smaller --image-size");
        return smaller.isEmpty() ? sentence : sentence + " (" + String.join(", ", smaller) + ")";
    }

    /** @param inTraining what to choose where the command trains */
    private List<String> smaller(String inTraining) {
        List<String> advice = new ArrayList<>();
        if (has("--micro-batch")) {
            advice.add("choose " + inTraining);
        } else if (has("--batch") && !"1".equals(value("--batch"))) {
            advice.add("choose a smaller --batch than " + value("--batch"));
        } else if (has("--batch")) {
            advice.add("--batch is 1 already, so scale large pictures down first");
        }
        return advice;
    }

    /** A run that goes on takes no other settings. */
    private boolean isResumed() {
        return has("--resume")
                && Boolean.TRUE.equals(
                        line.getCommandSpec().findOption("--resume").getValue());
    }

    private boolean has(String option) {
        return line.getCommandSpec().findOption(option) != null;
    }

    private String value(String option) {
        OptionSpec spec = line.getCommandSpec().findOption(option);
        Object value = spec.getValue();
        return value == null ? spec.defaultValue() : value.toString();
    }
}
