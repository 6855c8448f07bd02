package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.TestImage;
import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * VisA as published (Zou et al., ECCV 2022): {@code <category>/Data/Images/{Normal,Anomaly}},
 * {@code Data/Masks/Anomaly}; which images train and which test is in {@code split_csv/1cls.csv} beside the categories,
 * rows of {@code object,split,label,image,mask}.
 */
final class VisaLayout extends CategoryFolders {
    @Override
    public String title() {
        return "VisA as published";
    }

    @Override
    boolean isCategory(Path folder) {
        return Files.isDirectory(folder.resolve("Data/Images/Normal"));
    }

    @Override
    Category read(Path folder) {
        String name = folder.getFileName().toString();
        Path root = folder.getParent();
        Path csv = root.resolve("split_csv/1cls.csv");
        List<Path> train = new ArrayList<>();
        List<TestImage> test = new ArrayList<>();
        for (String line : lines(csv)) {
            String[] fields = line.split(",", -1);
            if (!fields[0].trim().equals(name)) {
                continue;
            }
            if (fields.length < 4) {
                throw new InvalidInputException("row '" + line + "' of " + csv
                        + " is not object,split,label,image,mask; take the file from the published data set again");
            }
            Path image = root.resolve(fields[3].trim());
            boolean anomalous = !fields[2].trim().equals("normal");
            if (fields[1].trim().equals("train")) {
                train.add(image);
            } else {
                boolean masked = anomalous && fields.length > 4 && !fields[4].isBlank();
                test.add(new TestImage(
                        image, anomalous ? "bad" : "good", anomalous, masked ? root.resolve(fields[4].trim()) : null));
            }
        }
        train.sort(Comparator.naturalOrder());
        test.sort(Comparator.comparing(TestImage::kind).thenComparing(TestImage::image));
        return Category.builder()
                .name(name)
                .folder(folder)
                .layout(this)
                .train(train)
                .test(test)
                .build();
    }

    private static List<String> lines(Path csv) {
        try {
            return Files.readAllLines(csv);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "VisA as published needs " + csv + ", which cannot be read (" + e.getMessage()
                            + "); copy split_csv beside the categories",
                    e);
        }
    }
}
