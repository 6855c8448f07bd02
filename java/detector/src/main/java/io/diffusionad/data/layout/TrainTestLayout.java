package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Folders;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.UnusedFile;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Layouts with a folder for training, perhaps one for validation, one for tests with a folder a kind, and masks apart:
 * what MVTec AD began and others follow. Defective pictures in the training folder never train.
 */
abstract class TrainTestLayout extends CategoryFolders {
    /** The folder of test kinds. */
    Path test(Path category) {
        return Folders.child(category, "test");
    }

    /** The folder of masks, with a folder a kind. */
    Path masks(Path category) {
        return Folders.folders(category).stream()
                .filter(folder -> KindNames.isMasks(folder.getFileName().toString()))
                .findFirst()
                .orElse(category.resolve("ground_truth"));
    }

    /** The folders of good pictures in a folder of kinds. */
    static List<Path> good(Path folder) {
        return Folders.folders(folder).stream()
                .filter(kind -> KindNames.isGood(kind.getFileName().toString()))
                .toList();
    }

    /** The folders of defects in a folder of kinds. */
    static List<Path> defects(Path folder) {
        return Folders.folders(folder).stream()
                .map(kind -> kind.getFileName().toString())
                .filter(name -> !KindNames.isGood(name) && !KindNames.isMasks(name))
                .map(folder::resolve)
                .toList();
    }

    @Override
    boolean isCategory(Path folder) {
        return !good(Folders.child(folder, "train")).isEmpty();
    }

    @Override
    Category read(Path folder) {
        return list(folder).build();
    }

    /** The files of a category. */
    final Category.CategoryBuilder list(Path folder) {
        Path training = Folders.child(folder, "train");
        PictureFolder train = PictureFolder.of(good(training));
        PictureFolder validation = PictureFolder.of(validationFolders(folder));
        List<UnusedFile> unused = new ArrayList<>(train.unused());
        unused.addAll(validation.unused());
        defects(training).forEach(kind -> unused.add(new UnusedFile(kind, "defective pictures never train")));
        Folders.images(training)
                .forEach(file ->
                        unused.add(new UnusedFile(file, "beside the folders of training pictures, not in one")));
        return Category.builder()
                .name(folder.getFileName().toString())
                .folder(folder)
                .layout(this)
                .train(train.pictures())
                .validation(validation.pictures())
                .test(test(folder, unused))
                .unused(unused);
    }

    private List<TestImage> test(Path folder, List<UnusedFile> unused) {
        Path kinds = test(folder);
        List<TestImage> test = new ArrayList<>();
        for (Path kind : defects(kinds)) {
            String name = kind.getFileName().toString();
            PictureFolder pictures = PictureFolder.read(kind);
            Map<String, List<Path>> apart = PictureFolder.masksIn(Folders.child(masks(folder), name));
            for (Path picture : pictures.pictures()) {
                List<Path> masks = apart.getOrDefault(Folders.stem(picture), pictures.masksOf(picture));
                test.add(new TestImage(picture, name, true, masks));
            }
            unused.addAll(
                    apart.isEmpty()
                            ? pictures.unused().stream()
                                    .filter(file -> !isUsed(file.file(), test))
                                    .toList()
                            : pictures.unused());
            unused.addAll(PictureFolder.strangers(apart, pictures.pictures()));
        }
        PictureFolder good = PictureFolder.of(good(kinds));
        good.pictures().forEach(picture -> test.add(TestImage.good(picture)));
        unused.addAll(good.unused());
        Folders.images(kinds)
                .forEach(file -> unused.add(new UnusedFile(file, "beside the folders of test pictures, not in one")));
        return test;
    }

    private static boolean isUsed(Path maskOrFolder, List<TestImage> test) {
        return test.stream()
                .flatMap(image -> image.masks().stream())
                .anyMatch(mask -> mask.equals(maskOrFolder) || maskOrFolder.equals(mask.getParent()));
    }

    private static List<Path> validationFolders(Path folder) {
        List<Path> folders = new ArrayList<>();
        for (String name : new String[] {"validation", "val", "valid"}) {
            folders.addAll(good(Folders.child(folder, name)));
        }
        return folders;
    }
}
