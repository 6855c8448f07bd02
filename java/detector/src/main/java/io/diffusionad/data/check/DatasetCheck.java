package io.diffusionad.data.check;

import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.TestImage;
import io.diffusionad.data.UnusedFile;
import io.diffusionad.data.check.Finding.Kind;
import io.diffusionad.data.mask.Mask;
import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.data.mask.MaskReader;
import io.diffusionad.data.mask.SmallDefect;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.PictureSize;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import io.diffusionad.image.StoredPicture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** Looks at every picture and mask of a data set once, on all cores, and keeps about a kilobyte of each. */
public final class DatasetCheck {
    private final Preparation preparation;
    private final int imageSize;
    private final IntConsumer progress;
    private final AtomicInteger done = new AtomicInteger();

    /** What a picture turned out to be; facts are null when it cannot be read, the defect when nothing is marked. */
    private record Looked(PictureFacts facts, SmallDefect smallest, Finding finding) {}

    /**
     * @param fit what happens to pictures that are not square
     * @param imageSize side of the model's input that scales are told for
     * @param progress told the number of pictures looked at so far; by several threads
     */
    public DatasetCheck(Preparation.Fit fit, int imageSize, IntConsumer progress) {
        this.preparation = Preparation.REFERENCE.withFit(fit);
        this.imageSize = imageSize;
        this.progress = progress;
    }

    /** Pictures that {@link #check} looks at. */
    public static int pictures(Category category) {
        return category.train().size()
                + category.validation().size()
                + category.test().size();
    }

    /** @return everything that was found; pictures that cannot be read are findings */
    public CategoryCheck check(Category category) {
        List<Finding> findings = new ArrayList<>();
        MaskReader masks = maskReader(category, findings::add);
        List<PictureFacts> train =
                look(category.train().stream().map(TestImage::good).toList(), null, new ArrayList<>(), findings);
        List<PictureFacts> validation =
                look(category.validation().stream().map(TestImage::good).toList(), null, new ArrayList<>(), findings);
        List<SmallDefect> smallest = new ArrayList<>();
        List<PictureFacts> test = look(category.test(), masks, smallest, findings);
        List<PictureFacts> all =
                Stream.of(train, validation, test).flatMap(List::stream).toList();
        findings.addAll(Outliers.sizes(all));
        findings.addAll(Outliers.depths(all));
        findings.addAll(Outliers.brightness(all));
        findings.addAll(DuplicateSearch.find(train, "train", validation));
        List<Finding> shared = DuplicateSearch.find(train, "train", test);
        findings.addAll(shared);
        Set<Path> told = new LinkedHashSet<>(shared.stream().map(Finding::file).toList());
        DuplicateSearch.find(validation, "validation", test).stream()
                .filter(finding -> !told.contains(finding.file()))
                .forEach(findings::add);
        findings.sort(Comparator.comparing(Finding::kind));
        int good = (int)
                category.test().stream().filter(image -> !image.anomalous()).count();
        return new CategoryCheck(
                category.name(),
                category.train().size(),
                category.validation().size(),
                good,
                DatasetSummary.defects(category),
                Outliers.frequencies(all, PictureFacts::size),
                Outliers.frequencies(all, PictureFacts::depth),
                masks == null ? "" : masks.description(),
                coverage(all, smallest),
                findings,
                category.unused().stream().map(DatasetCheck::note).toList());
    }

    private Coverage coverage(List<PictureFacts> all, List<SmallDefect> smallest) {
        List<PictureSize> sizes = all.stream()
                .map(picture -> new PictureSize(picture.width(), picture.height()))
                .toList();
        return sizes.isEmpty() ? null : Coverage.of(sizes, preparation, imageSize, SmallDefect.least(smallest));
    }

    private static String note(UnusedFile unused) {
        return unused.file() + ": " + unused.reason();
    }

    /** Null when no mask can be used. Masks that cannot be read are told and left out. */
    private static MaskReader maskReader(Category category, Consumer<Finding> findings) {
        try {
            return MaskReader.of(category, MaskOptions.DEFAULT);
        } catch (InvalidInputException e) {
            List<TestImage> readable = category.test().parallelStream()
                    .map(image -> {
                        InvalidInputException damage = damage(image.masks());
                        return damage == null
                                ? image
                                : new TestImage(image.image(), image.kind(), image.anomalous(), List.of());
                    })
                    .toList();
            category.test().stream()
                    .filter(image -> !image.masks().isEmpty() && damage(image.masks()) != null)
                    .forEach(image -> findings.accept(new Finding(
                            Kind.MASK,
                            image.masks().get(0),
                            damage(image.masks()).getMessage())));
            try {
                return MaskReader.of(category.toBuilder().test(readable).build(), MaskOptions.DEFAULT);
            } catch (InvalidInputException other) {
                findings.accept(new Finding(Kind.MASK, category.folder(), other.getMessage()));
                return null;
            }
        }
    }

    private static InvalidInputException damage(List<Path> masks) {
        for (Path mask : masks) {
            try {
                StoredPicture.read(mask);
            } catch (InvalidInputException e) {
                return e;
            }
        }
        return null;
    }

    private List<PictureFacts> look(
            List<TestImage> images, MaskReader masks, List<SmallDefect> smallest, List<Finding> findings) {
        List<Looked> looked = images.parallelStream()
                .map(image -> {
                    Looked result = look(image, masks);
                    progress.accept(done.incrementAndGet());
                    return result;
                })
                .toList();
        List<PictureFacts> facts = new ArrayList<>();
        for (Looked one : looked) {
            if (one.facts() != null) {
                facts.add(one.facts());
            }
            if (one.finding() != null) {
                findings.add(one.finding());
            }
            smallest.add(one.smallest());
        }
        return facts;
    }

    private Looked look(TestImage image, MaskReader masks) {
        RgbImage picture;
        PictureFacts facts;
        try {
            StoredPicture stored = StoredPicture.read(image.image());
            picture = stored.toRgb();
            facts = PictureFacts.of(image.image(), stored.depth(), picture);
        } catch (InvalidInputException e) {
            return new Looked(null, null, new Finding(Kind.UNREADABLE, image.image(), e.getMessage()));
        }
        if (!image.anomalous() || masks == null) {
            return new Looked(facts, null, null);
        }
        if (image.masks().isEmpty()) {
            return new Looked(
                    facts, null, new Finding(Kind.NO_MASK, image.image(), "no mask says where the defect is"));
        }
        try {
            Mask mask = masks.read(image, picture);
            SmallDefect smallest = SmallDefect.of(image.image(), mask, preparation, imageSize);
            return new Looked(
                    facts,
                    smallest,
                    smallest != null
                            ? null
                            : new Finding(
                                    Kind.EMPTY_MASK,
                                    image.masks().get(0),
                                    "marks nothing, but " + image.image() + " is defective"));
        } catch (InvalidInputException e) {
            return new Looked(facts, null, new Finding(Kind.MASK, image.masks().get(0), e.getMessage()));
        }
    }

    /**
     * Pictures below a data set's folder that no category names, sorted. Masks and what a layout leaves out with a
     * reason are not among them.
     */
    public static List<Path> unnamed(Dataset dataset, List<Category> categories) {
        return UnnamedPictures.find(dataset.root(), categories);
    }
}
