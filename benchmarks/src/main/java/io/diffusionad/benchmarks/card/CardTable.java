package io.diffusionad.benchmarks.card;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A card's results for people: what ran, networks, then every operation beside the ceilings and beside PyTorch. Columns
 * of what was not measured stay empty.
 */
final class CardTable {
    private final JsonNode parts;
    private final JsonNode ours;
    private final JsonNode pytorch;
    private final StringBuilder text = new StringBuilder();

    CardTable(CardResults results) {
        parts = results.section("parts");
        ours = results.section("ours");
        pytorch = results.section("pytorch");
    }

    String text() {
        line(
                "%s; providers: %s; PyTorch %s",
                ours.path("device").asText("nothing measured"),
                ours.path("providers").asText("none"),
                pytorch.has("version")
                        ? pytorch.path("version").asText() + " on "
                                + pytorch.path("device").asText()
                        : "not run");
        line("");
        parts.properties()
                .forEach(part -> line(
                        "%-20s %-10s %5d s  %s",
                        part.getKey(),
                        part.getValue().path("status").asText(),
                        part.getValue().path("seconds").asInt(),
                        part.getValue().path("summary").asText()));
        networks("one step", "one_step");
        networks("training step", "training_step");
        operations();
        return text.toString();
    }

    private void networks(String title, String list) {
        if (ours.path(list).isEmpty() && pytorch.path(list).isEmpty()) {
            return;
        }
        line("%n%-44s %5s %10s %10s %8s", title, "batch", "ms", "images/s", "MiB");
        ours.path(list)
                .forEach(entry -> network(
                        entry.has("mode") ? "ours, " + entry.path("mode").asText() : "ours", entry));
        pytorch.path(list)
                .forEach(entry -> network("PyTorch " + entry.path("mode").asText(), entry));
    }

    private void network(String who, JsonNode entry) {
        String name = who + " " + entry.path("precision").asText().toLowerCase(Locale.ROOT);
        if (entry.has("failed")) {
            line(
                    "%-44s %5d  %s",
                    name, entry.path("batch").asInt(), entry.path("failed").asText());
        } else {
            line(
                    "%-44s %5d %10.2f %10.1f %8d",
                    name,
                    entry.path("batch").asInt(),
                    entry.path("milliseconds").asDouble(),
                    entry.path("images_per_second").asDouble(),
                    entry.path("memory_mib").asLong());
        }
    }

    private void operations() {
        if (ours.path("operations").isEmpty()) {
            return;
        }
        JsonNode ceilings = ours.path("ceilings");
        line(
                "%nceilings: %s%s",
                ceilings, pytorch.has("ceilings") ? "; of PyTorch's libraries: " + pytorch.path("ceilings") : "");
        Map<String, Double> peers = new HashMap<>();
        pytorch.path("operations")
                .forEach(entry ->
                        peers.put(key(entry), entry.path("microseconds").asDouble()));
        line(
                "%n%-100s %10s %10s %7s %8s %6s %8s %6s",
                "operation", "us", "PyTorch us", "faster", "TFLOP/s", "of max", "GB/s", "of max");
        for (JsonNode entry : ours.path("operations")) {
            double flops = entry.path("tflops").asDouble();
            double bytes = entry.path("gigabytes_per_second").asDouble();
            Double peer = peers.get(key(entry));
            double microseconds = entry.path("microseconds").asDouble();
            line(
                    "%-100s %10.1f %10s %7s %8.1f %6s %8.0f %6s",
                    key(entry),
                    microseconds,
                    peer == null ? "" : number("%.1f", peer),
                    peer == null ? "" : number("%.2fx", peer / microseconds),
                    flops,
                    share(flops, "tflops_" + entry.path("precision").asText()),
                    bytes,
                    share(bytes, "copy_gigabytes_per_second"));
        }
    }

    /** Of the best that anybody reached in this run: our own product or copy, or those of PyTorch's libraries. */
    private String share(double value, String ceiling) {
        double best = Math.max(
                ours.path("ceilings").path(ceiling).asDouble(),
                pytorch.path("ceilings").path(ceiling).asDouble());
        return best > 0 ? Math.round(100 * value / best) + "%" : "";
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static String key(JsonNode entry) {
        return entry.path("operation").asText() + " "
                + entry.path("precision").asText().toLowerCase(Locale.ROOT);
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
