package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.DatasetLayout;
import io.diffusionad.data.Folders;
import io.diffusionad.data.UnusedFile;
import io.diffusionad.error.InvalidInputException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Images of good parts in one folder, nothing else. Masks beside them are no parts; a few images above folders full of
 * them are a question to the user.
 */
public final class PlainFolderLayout implements DatasetLayout {
    private static final int MAX_DEPTH = 4;
    private static final int MOST_NAMED = 4;

    @Override
    public String title() {
        return "plain folder";
    }

    @Override
    public List<String> categories(Path root) {
        return Folders.images(root).isEmpty()
                ? List.of()
                : List.of(root.getFileName().toString());
    }

    @Override
    public Category read(Path root, String name) {
        PictureFolder files = PictureFolder.read(root);
        Map<Path, Integer> below = below(root);
        int inside = below.values().stream().mapToInt(Integer::intValue).sum();
        if (inside > files.pictures().size()) {
            throw new InvalidInputException(root + " itself holds "
                    + count(files.pictures().size()) + ", but its subfolders hold " + inside + ": "
                    + named(root, below) + "; name the folder of the good ones, for instance --data "
                    + likelyGood(below)
                    + ", or move the pictures beside the subfolders elsewhere");
        }
        List<UnusedFile> unused = new ArrayList<>(files.unused().stream()
                .filter(file -> !below.containsKey(file.file()))
                .toList());
        below.forEach((folder, pictures) -> unused.add(new UnusedFile(folder, "a subfolder of a plain folder")));
        return Category.builder()
                .name(name)
                .folder(root)
                .layout(this)
                .train(files.pictures())
                .unused(unused)
                .build();
    }

    private static String count(int pictures) {
        return pictures == 1 ? "1 picture" : pictures + " pictures";
    }

    /** How many pictures the folders below hold, those of masks left out, by folder. */
    public static Map<Path, Integer> below(Path root) {
        Map<Path, Integer> counts = new TreeMap<>();
        below(root, 1, counts);
        return counts;
    }

    private static void below(Path folder, int depth, Map<Path, Integer> counts) {
        for (Path inner : Folders.folders(folder)) {
            if (!KindNames.isMasks(inner.getFileName().toString())) {
                int pictures = Folders.images(inner).size();
                if (pictures > 0) {
                    counts.put(inner, pictures);
                }
                if (depth < MAX_DEPTH) {
                    below(inner, depth + 1, counts);
                }
            }
        }
    }

    /**
     * The first folder whose path says that its pictures are good, else the one with the most pictures: good parts are
     * seldom the rarest.
     */
    public static Path likelyGood(Map<Path, Integer> counts) {
        return counts.keySet().stream()
                .filter(folder -> StreamSupport.stream(folder.spliterator(), false)
                        .skip(Math.max(0, folder.getNameCount() - MAX_DEPTH))
                        .anyMatch(name -> KindNames.isGood(name.toString())
                                || name.toString().equalsIgnoreCase("free")))
                .findFirst()
                .orElseGet(() -> Collections.max(counts.entrySet(), Map.Entry.comparingByValue())
                        .getKey());
    }

    /** A few folders with their numbers, for a message. */
    public static String named(Path root, Map<Path, Integer> counts) {
        return counts.entrySet().stream()
                        .limit(MOST_NAMED)
                        .map(entry -> root.relativize(entry.getKey()) + " (" + entry.getValue() + ")")
                        .collect(Collectors.joining(", "))
                + (counts.size() > MOST_NAMED ? " and " + (counts.size() - MOST_NAMED) + " more" : "");
    }
}
