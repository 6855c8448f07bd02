package io.diffusionad.app.command;

import io.diffusionad.data.check.CategoryCheck;
import io.diffusionad.data.check.Finding;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What {@code data check} found, as lines for people. */
final class DataCheckText {
    private static final int LONGEST_LIST = 20;

    private DataCheckText() {}

    static List<String> lines(CategoryCheck check, Path root) {
        List<String> lines = new ArrayList<>();
        lines.add(check.name() + ": " + check.counts());
        lines.add("  pictures: " + check.sizes() + "; " + check.depths());
        if (!check.masks().isEmpty()) {
            lines.add("  " + (check.masks().startsWith("masks") ? "" : "masks: ") + check.masks());
        }
        if (check.scale() != null) {
            check.scale().linesOfEitherShrink().forEach(line -> lines.add("  " + line));
        }
        check.notes().stream().limit(LONGEST_LIST).forEach(note -> lines.add("  left out: " + note));
        if (check.notes().size() > LONGEST_LIST) {
            lines.add("  left out: " + (check.notes().size() - LONGEST_LIST) + " more; --json names them");
        }
        for (Map.Entry<Finding.Kind, List<Finding>> kind :
                check.findingsByKind().entrySet()) {
            lines.add("  " + kind.getKey().title() + " (" + kind.getValue().size() + "):");
            kind.getValue().stream()
                    .limit(LONGEST_LIST)
                    .forEach(finding -> lines.add("    " + sentence(finding, root)));
            if (kind.getValue().size() > LONGEST_LIST) {
                lines.add("    and " + (kind.getValue().size() - LONGEST_LIST) + " more; --json names them");
            }
        }
        return lines;
    }

    /** Sentences of readers name the file already. */
    private static String sentence(Finding finding, Path root) {
        return finding.words().contains(finding.file().toString())
                ? finding.words()
                : shortened(finding.file(), root) + ": " + finding.words();
    }

    /** By folder, because whole folders are forgotten rather than single pictures. */
    static List<String> unnamed(List<Path> pictures, Path root) {
        List<String> lines = new ArrayList<>();
        Map<Path, List<Path>> byFolder = new TreeMap<>();
        pictures.forEach(picture -> byFolder.computeIfAbsent(picture.getParent(), folder -> new ArrayList<>())
                .add(picture));
        if (!pictures.isEmpty()) {
            lines.add("not used (" + pictures.size() + "):");
        }
        byFolder.forEach((folder, files) -> lines.add("  "
                + (files.size() == 1
                        ? shortened(files.get(0), root)
                        : shortened(folder, root) + ": "
                                + files.size() + " pictures, "
                                + files.get(0).getFileName() + " to "
                                + files.get(files.size() - 1).getFileName())
                + ": in no place that this layout knows"));
        return lines;
    }

    private static String shortened(Path file, Path root) {
        Path base = Files.isDirectory(root) ? root : root.getParent();
        return file.equals(base)
                ? file.toString()
                : file.startsWith(base) ? base.relativize(file).toString() : file.toString();
    }
}
