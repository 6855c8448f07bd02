package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Folders;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.UnusedFile;
import io.diffusionad.data.mask.MaskContents;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * KolektorSDD2 (Božič et al., Computers in Industry 2021): {@code {train,test}/NNNNN.png} with {@code NNNNN_GT.png}
 * beside each. A picture is defective if its mask marks anything; the 246 defective training pictures never train.
 */
final class Kolektor2Layout extends CategoryFolders {
    @Override
    public String title() {
        return "KolektorSDD2";
    }

    @Override
    boolean isCategory(Path folder) {
        return Folders.images(Folders.child(folder, "train")).stream()
                .anyMatch(file -> Folders.stem(file).endsWith("_GT"));
    }

    @Override
    Category read(Path folder) {
        PictureFolder train = PictureFolder.read(Folders.child(folder, "train"));
        PictureFolder tested = PictureFolder.read(Folders.child(folder, "test"));
        Set<Path> trainDefects = defective(train);
        Set<Path> testDefects = defective(tested);
        List<UnusedFile> unused = new ArrayList<>(train.unused());
        trainDefects.stream()
                .sorted()
                .forEach(picture -> unused.add(new UnusedFile(picture, "defective pictures never train")));
        List<TestImage> test = tested.pictures().stream()
                .map(picture -> testDefects.contains(picture)
                        ? new TestImage(picture, "defect", true, tested.masksOf(picture))
                        : TestImage.good(picture))
                .sorted(Comparator.comparing(TestImage::kind).thenComparing(TestImage::image))
                .toList();
        Set<Path> used = test.stream().flatMap(image -> image.masks().stream()).collect(Collectors.toSet());
        tested.unused().stream().filter(file -> !used.contains(file.file())).forEach(unused::add);
        return Category.builder()
                .name(folder.getFileName().toString())
                .folder(folder)
                .layout(this)
                .train(train.pictures().stream()
                        .filter(picture -> !trainDefects.contains(picture))
                        .toList())
                .test(test)
                .unused(unused)
                .build();
    }

    private static Set<Path> defective(PictureFolder files) {
        return files.pictures().parallelStream()
                .filter(picture -> files.masksOf(picture).stream().anyMatch(MaskContents::marksAnything))
                .collect(Collectors.toSet());
    }
}
