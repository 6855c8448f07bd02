package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.DatasetLayout;
import io.diffusionad.data.Folders;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.mask.MaskContents;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * KolektorSDD (Tabernik et al., J. Intell. Manuf. 2020): {@code kosNN/PartM.jpg} with {@code kosNN/PartM_label.bmp}, or
 * all in one folder. A picture is defective if its label marks anything. The published split is for supervised
 * training; here defective pictures and the good ones of every fifth commutator are tested, all other good ones train.
 */
final class KolektorLayout implements DatasetLayout {
    private static final Pattern LABEL = Pattern.compile("(?i)(.*_)?Part\\d+_label\\.bmp");
    private static final Pattern ITEM = Pattern.compile("(?i)kos\\d+");

    @Override
    public String title() {
        return "KolektorSDD";
    }

    @Override
    public List<String> categories(Path root) {
        return folders(root).stream().anyMatch(KolektorLayout::hasLabels)
                ? List.of(root.getFileName().toString())
                : List.of();
    }

    private static List<Path> folders(Path root) {
        List<Path> folders = new ArrayList<>(List.of(root));
        Folders.folders(root).stream()
                .filter(folder -> ITEM.matcher(folder.getFileName().toString()).matches())
                .forEach(folders::add);
        return folders;
    }

    private static boolean hasLabels(Path folder) {
        return Folders.images(folder).stream()
                .anyMatch(file -> LABEL.matcher(file.getFileName().toString()).matches());
    }

    @Override
    public Category read(Path root, String name) {
        PictureFolder files = PictureFolder.of(folders(root));
        Set<Path> defective = files.pictures().parallelStream()
                .filter(picture -> files.masksOf(picture).stream().anyMatch(MaskContents::marksAnything))
                .collect(Collectors.toSet());
        SplitRule split = SplitRule.of(
                files.pictures().stream()
                        .filter(picture -> !defective.contains(picture))
                        .toList(),
                picture -> item(root, picture));
        List<TestImage> test = new ArrayList<>();
        defective.stream()
                .sorted()
                .forEach(picture -> test.add(new TestImage(picture, "defect", true, files.masksOf(picture))));
        split.test().forEach(picture -> test.add(TestImage.good(picture)));
        Set<Path> used = test.stream().flatMap(image -> image.masks().stream()).collect(Collectors.toSet());
        return Category.builder()
                .name(name)
                .folder(root)
                .layout(this)
                .train(split.train())
                .test(test.stream()
                        .sorted(Comparator.comparing(TestImage::kind).thenComparing(TestImage::image))
                        .toList())
                .unused(files.unused().stream()
                        .filter(file -> !used.contains(file.file())
                                && !ITEM.matcher(file.file().getFileName().toString())
                                        .matches())
                        .toList())
                .build();
    }

    /** The commutator: its folder, or what stands before the part's name. */
    private static String item(Path root, Path picture) {
        return picture.getParent().equals(root)
                ? picture.getFileName().toString().replaceFirst("(?i)_?Part\\d+.*", "")
                : picture.getParent().getFileName().toString();
    }
}
