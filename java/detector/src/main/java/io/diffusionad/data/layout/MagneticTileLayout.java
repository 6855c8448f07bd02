package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.DatasetLayout;
import io.diffusionad.data.Folders;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.UnusedFile;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Magnetic tile defects (Huang et al., The Visual Computer 2020): {@code MT_<kind>/Imgs/NAME.jpg} with the mask
 * {@code NAME.png} beside it, {@code MT_Free} for good tiles, and two illustrations beside the folders. No split is
 * published: good pictures of every fifth tile are tested, the others train.
 */
final class MagneticTileLayout implements DatasetLayout {
    private static final String PREFIX = "MT_";
    private static final String FREE = "MT_Free";

    @Override
    public String title() {
        return "magnetic tile defects";
    }

    @Override
    public List<String> categories(Path root) {
        return Files.isDirectory(root.resolve(FREE).resolve("Imgs"))
                ? List.of(root.getFileName().toString())
                : List.of();
    }

    @Override
    public Category read(Path root, String name) {
        List<UnusedFile> unused = new ArrayList<>();
        Folders.images(root)
                .forEach(file -> unused.add(new UnusedFile(file, "an illustration beside the folders of pictures")));
        List<TestImage> test = new ArrayList<>();
        for (Path kind : Folders.folders(root)) {
            String folder = kind.getFileName().toString();
            if (folder.startsWith(PREFIX) && !folder.equals(FREE)) {
                PictureFolder pictures = PictureFolder.read(kind.resolve("Imgs"));
                pictures.pictures()
                        .forEach(picture -> test.add(new TestImage(
                                picture,
                                folder.substring(PREFIX.length()).toLowerCase(Locale.ROOT),
                                true,
                                pictures.masksOf(picture))));
            }
        }
        PictureFolder good = PictureFolder.read(root.resolve(FREE).resolve("Imgs"));
        SplitRule split = SplitRule.of(good.pictures(), MagneticTileLayout::tile);
        split.test().forEach(picture -> test.add(TestImage.good(picture)));
        unused.addAll(good.unused());
        return Category.builder()
                .name(name)
                .folder(root)
                .layout(this)
                .train(split.train())
                .test(test)
                .unused(unused)
                .build();
    }

    /** The tile of {@code exp<exposure>_num_<tile>}: it is photographed at several exposures. */
    private static String tile(Path picture) {
        return Folders.stem(picture).replaceFirst("^exp\\d+_", "");
    }
}
