package io.diffusionad.data.layout;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.diffusionad.data.Category;
import io.diffusionad.data.DatasetLayout;
import io.diffusionad.data.Folders;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.UnusedFile;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.io.Json;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Real-IAD (Wang et al., CVPR 2024): splits in {@code realiad_jsons/<category>.json} (or
 * {@code realiad_jsons/realiad_jsons/}), objects with {@code meta.normal_class}, {@code meta.prefix} and the lists
 * {@code train} and {@code test} of {@code category, anomaly_class, image_path, mask_path}; pictures in
 * {@code realiad_1024}, {@code realiad_512}, {@code realiad_256} (the largest that is there) or beside. Defective
 * training pictures of noisy splits never train.
 */
final class RealIadLayout implements DatasetLayout {
    private static final String SPLITS = "realiad_jsons";

    @Override
    public String title() {
        return "Real-IAD";
    }

    @Override
    public List<String> categories(Path root) {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        Path home = home(root);
        List<String> all = jsons(splits(home)).stream().map(Folders::stem).toList();
        return home.equals(root)
                ? all
                : all.stream().filter(root.getFileName().toString()::equals).toList();
    }

    /**
     * Where the splits lie: the folder itself, or for one category's folder the one above, or above that of its size.
     */
    private static Path home(Path root) {
        return Stream.of(
                        root,
                        root.getParent(),
                        root.getParent() == null ? null : root.getParent().getParent())
                .filter(folder -> folder != null && Files.isDirectory(folder.resolve(SPLITS)))
                .findFirst()
                .orElse(root);
    }

    private static Path splits(Path home) {
        Path inner = home.resolve(SPLITS).resolve(SPLITS);
        return Files.isDirectory(inner) ? inner : home.resolve(SPLITS);
    }

    private static List<Path> jsons(Path folder) {
        return Folders.files(folder, "json");
    }

    @Override
    public Category read(Path root, String name) {
        Path home = home(root);
        Path json = splits(home).resolve(name + ".json");
        List<Path> train = new ArrayList<>();
        List<TestImage> test = new ArrayList<>();
        List<UnusedFile> unused = new ArrayList<>();
        try {
            Map<?, ?> split = (Map<?, ?>) Json.parse(Files.readString(json));
            Map<?, ?> meta = (Map<?, ?>) split.get("meta");
            String normal = (String) meta.get("normal_class");
            String prefix = meta.get("prefix") == null ? name : (String) meta.get("prefix");
            List<Path> bases = bases(home, name, prefix);
            for (Object entry : (List<?>) split.get("train")) {
                Map<?, ?> row = (Map<?, ?>) entry;
                Path picture = find(bases, (String) row.get("image_path"), json);
                if (normal.equals(row.get("anomaly_class"))) {
                    train.add(picture);
                } else {
                    unused.add(new UnusedFile(picture, "defective pictures never train"));
                }
            }
            for (Object entry : (List<?>) split.get("test")) {
                Map<?, ?> row = (Map<?, ?>) entry;
                Path picture = find(bases, (String) row.get("image_path"), json);
                String mask = (String) row.get("mask_path");
                String kind = (String) row.get("anomaly_class");
                test.add(
                        normal.equals(kind)
                                ? TestImage.good(picture)
                                : new TestImage(picture, kind, true, mask == null ? null : find(bases, mask, json)));
            }
        } catch (JsonProcessingException | ClassCastException | NullPointerException e) {
            throw new InvalidInputException(
                    json
                            + " is not a split of Real-IAD (meta, train and test with category, anomaly_class, image_path and mask_path); "
                            + "copy it again",
                    e);
        } catch (IOException e) {
            throw new InvalidInputException("cannot read " + json + ": " + e.getMessage(), e);
        }
        train.sort(Comparator.naturalOrder());
        test.sort(Comparator.comparing(TestImage::kind).thenComparing(TestImage::image));
        return Category.builder()
                .name(name)
                .folder(root)
                .layout(this)
                .train(train)
                .test(test)
                .unused(unused)
                .build();
    }

    /** Folders that paths may begin in, the largest pictures first. */
    private static List<Path> bases(Path home, String name, String prefix) {
        List<Path> bases = new ArrayList<>();
        for (String size : new String[] {"realiad_1024", "realiad_512", "realiad_256", "realiad_raw", ""}) {
            Path folder = size.isEmpty() ? home : home.resolve(size);
            if (Files.isDirectory(folder)) {
                bases.addAll(List.of(folder.resolve(prefix), folder.resolve(name), folder));
            }
        }
        return bases;
    }

    private static Path find(List<Path> bases, String path, Path json) {
        return bases.stream()
                .map(base -> base.resolve(path).normalize())
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new InvalidInputException("the picture " + path + " that " + json
                        + " names is not in " + bases.get(0) + "; unpack the pictures of Real-IAD beside its splits"));
    }
}
