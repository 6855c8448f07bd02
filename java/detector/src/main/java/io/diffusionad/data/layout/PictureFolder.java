package io.diffusionad.data.layout;

import io.diffusionad.data.Folders;
import io.diffusionad.data.UnusedFile;
import io.diffusionad.data.mask.MaskContents;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The pictures of one folder, told from the masks that lie among them: {@code NAME_mask}, {@code NAME_label},
 * {@code NAME_GT} beside {@code NAME}, a file of few levels of the same name as a picture, and whatever is in a
 * subfolder called masks, labels or ground truth.
 *
 * @param pictures sorted by name
 * @param masks by picture; pictures without one are left out
 * @param unused masks, and subfolders with pictures that are not looked at
 */
record PictureFolder(List<Path> pictures, Map<Path, List<Path>> masks, List<UnusedFile> unused) {
    private static final Pattern MASK_NAME =
            Pattern.compile("(?i)(.+?)[ _.-](mask|masks|label|labels|gt|groundtruth|ground_truth)[ _.-]?\\d*");

    static PictureFolder read(Path folder) {
        List<Path> files = Folders.images(folder);
        Map<String, List<Path>> byStem = files.stream().collect(Collectors.groupingBy(Folders::stem));
        Map<Path, String> masked = new HashMap<>();
        for (Path file : files) {
            Matcher name = MASK_NAME.matcher(Folders.stem(file));
            if (name.matches() && byStem.containsKey(name.group(1))) {
                masked.put(file, name.group(1));
            }
        }
        masked.putAll(twins(byStem, masked.keySet()));
        List<Path> pictures =
                files.stream().filter(file -> !masked.containsKey(file)).toList();
        Map<String, Path> pictureOf = new HashMap<>();
        pictures.forEach(picture -> pictureOf.putIfAbsent(Folders.stem(picture), picture));
        Map<Path, List<Path>> masks = new HashMap<>();
        List<UnusedFile> unused = new ArrayList<>();
        masked.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(mask -> {
            masks.computeIfAbsent(pictureOf.get(mask.getValue()), picture -> new ArrayList<>())
                    .add(mask.getKey());
            unused.add(new UnusedFile(mask.getKey(), "a mask beside its picture"));
        });
        for (Path inner : Folders.folders(folder)) {
            boolean holdsMasks = KindNames.isMasks(inner.getFileName().toString());
            if (holdsMasks) {
                masksIn(inner).forEach((stem, found) -> {
                    if (pictureOf.containsKey(stem)) {
                        masks.computeIfAbsent(pictureOf.get(stem), picture -> new ArrayList<>())
                                .addAll(found);
                    }
                });
            }
            if (holdsMasks || !Folders.images(inner).isEmpty()) {
                unused.add(new UnusedFile(
                        inner,
                        holdsMasks
                                ? "a folder of masks"
                                : "a subfolder: pictures lie directly in the folder of their kind"));
            }
        }
        masks.remove(null);
        return new PictureFolder(pictures, masks, unused);
    }

    /**
     * Files of one name and several types of which one is a picture and the others have so few levels that they are its
     * masks.
     */
    private static Map<Path, String> twins(Map<String, List<Path>> byStem, Set<Path> known) {
        List<List<Path>> groups = byStem.values().stream()
                .map(group ->
                        group.stream().filter(file -> !known.contains(file)).toList())
                .filter(group -> group.size() > 1)
                .toList();
        Set<Path> few = groups.parallelStream()
                .flatMap(List::stream)
                .filter(MaskContents::looksLikeMask)
                .collect(Collectors.toSet());
        Map<Path, String> masks = new HashMap<>();
        for (List<Path> group : groups) {
            List<Path> like = group.stream().filter(few::contains).toList();
            if (like.size() < group.size()) {
                like.forEach(mask -> masks.put(mask, Folders.stem(mask)));
            }
        }
        return masks;
    }

    /**
     * Mask files of a folder by the stem of the picture they belong to: NAME_mask.png, NAME_label.PNG, NAME.png, or
     * several in a folder NAME. A file named exactly as the picture gives way to one whose name says that it is a mask.
     */
    static Map<String, List<Path>> masksIn(Path folder) {
        Map<String, List<Path>> named = new HashMap<>();
        Map<String, List<Path>> plain = new HashMap<>();
        for (Path file : Folders.images(folder)) {
            String stem = Folders.stem(file);
            Matcher name = MASK_NAME.matcher(stem);
            plain.computeIfAbsent(stem, key -> new ArrayList<>()).add(file);
            if (name.matches()) {
                named.computeIfAbsent(name.group(1), key -> new ArrayList<>()).add(file);
            }
        }
        for (Path several : Folders.folders(folder)) {
            List<Path> files = Folders.images(several);
            if (!files.isEmpty()) {
                plain.putIfAbsent(several.getFileName().toString(), files);
            }
        }
        Map<String, List<Path>> all = new HashMap<>(plain);
        all.putAll(named);
        return all;
    }

    /** The masks of a picture, none if it has none. */
    List<Path> masksOf(Path picture) {
        return masks.getOrDefault(picture, List.of());
    }

    /** Pictures and those of further folders, sorted by path. */
    static PictureFolder of(List<Path> folders) {
        List<Path> pictures = new ArrayList<>();
        Map<Path, List<Path>> masks = new HashMap<>();
        List<UnusedFile> unused = new ArrayList<>();
        for (Path folder : folders) {
            PictureFolder one = read(folder);
            pictures.addAll(one.pictures);
            masks.putAll(one.masks);
            unused.addAll(one.unused);
        }
        pictures.sort(Comparator.naturalOrder());
        return new PictureFolder(pictures, masks, unused);
    }

    /** Mask files that belong to none of the pictures. */
    static List<UnusedFile> strangers(Map<String, List<Path>> masks, List<Path> pictures) {
        Set<String> stems = pictures.stream().map(Folders::stem).collect(Collectors.toSet());
        Set<Path> used = new HashSet<>();
        masks.forEach((stem, files) -> {
            if (stems.contains(stem)) {
                used.addAll(files);
            }
        });
        return masks.values().stream()
                .flatMap(List::stream)
                .distinct()
                .filter(file -> !used.contains(file))
                .sorted()
                .map(file -> new UnusedFile(file, "a mask without a picture"))
                .toList();
    }
}
