package io.diffusionad.data.mask;

import io.diffusionad.data.Category;
import io.diffusionad.data.MaskThreshold;
import io.diffusionad.data.TestImage;
import io.diffusionad.error.InvalidInputException;
import io.diffusionad.image.ExifOrientation;
import io.diffusionad.image.GreyImage;
import io.diffusionad.image.Images;
import io.diffusionad.image.Placement;
import io.diffusionad.image.Resize;
import io.diffusionad.image.RgbImage;
import io.diffusionad.image.StoredPicture;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads the masks of one category by a rule that holds for all of them. Thread-safe. */
public final class MaskReader {
    private final MaskOptions options;
    private final Map<Path, MaskFile> files;
    private final MaskRule rule;
    private final List<TestImage> empty;

    private MaskReader(Category category, MaskOptions options) {
        this.options = options;
        boolean ours = options.threshold() == MaskThreshold.HALF;
        List<TestImage> masked = category.test().stream()
                .filter(image -> image.anomalous() && !image.masks().isEmpty())
                .toList();
        this.files = masked.stream().flatMap(image -> image.masks().stream()).distinct().toList().parallelStream()
                .map(MaskFile::look)
                .collect(Collectors.toConcurrentMap(MaskFile::file, Function.identity()));
        this.rule = MaskRule.of(files.values(), options.values());
        this.empty = masked.stream()
                .filter(image -> image.masks().stream()
                        .map(files::get)
                        .allMatch(mask -> ours ? rule.marksNothing(mask) : !mask.hasFullWhite()))
                .toList();
    }

    /**
     * Looks at every mask of the test set to find out what its values mean. @throws InvalidInputException when one
     * cannot be read
     */
    public static MaskReader of(Category category, MaskOptions options) {
        return new MaskReader(category, options);
    }

    /** How masks are read, in one line for the user; empty when there are none. */
    public String description() {
        return options.threshold() == MaskThreshold.REFERENCE
                ? "masks: only full white after resizing is a defect (--mask-threshold reference)"
                : rule.description();
    }

    /** Defective images whose masks mark nothing: a mistake of the masks, or of the folder. */
    public List<TestImage> empty() {
        return empty;
    }

    /** A sentence that names {@link #empty}, or nothing when there are none or they are accepted. */
    public String remark() {
        if (empty.isEmpty() || options.acceptEmpty()) {
            return "";
        }
        TestImage first = empty.get(0);
        return "mask " + first.masks().get(0) + " of the defective image " + first.image() + " marks nothing"
                + (empty.size() > 1 ? ", and so do those of " + (empty.size() - 1) + " more" : "")
                + ": no pixel metrics; mend it, say which values count ("
                + (options.threshold() == MaskThreshold.HALF ? "--mask-values" : "--mask-threshold half")
                + "), or evaluate with --no-masks to take it as it is";
    }

    /**
     * The truth about an image in its own geometry.
     *
     * @param picture the image as read, upright
     * @return of the picture's size; nothing marked for good images; null when an anomalous image has no mask, or one
     *     that marks nothing
     * @throws InvalidInputException if the mask cannot be read, or has another size than its image
     */
    public Mask read(TestImage file, RgbImage picture) {
        return has(file)
                ? united(file, mask -> own(file, mask, picture))
                : without(file, picture, picture.width(), picture.height());
    }

    /**
     * As {@link #read}, in the square that the picture is placed in: no marked region is lost. The reference's rule is
     * applied where it belongs, to the resized mask of a picture that fills the square.
     */
    public Mask at(TestImage file, RgbImage picture, Placement placement) {
        int size = placement.size();
        boolean stretched = placement.partWidth() == picture.width()
                && placement.partHeight() == picture.height()
                && placement.fillsSquare();
        if (!has(file)) {
            return without(file, picture, size, size);
        }
        if (options.threshold() == MaskThreshold.REFERENCE && stretched) {
            return united(file, mask -> reference(file, mask, picture, size, size));
        }
        return new Mask(size, size, placement.square(read(file, picture).marked()));
    }

    private boolean has(TestImage file) {
        return file.anomalous() && !file.masks().isEmpty() && (options.acceptEmpty() || !isEmpty(file));
    }

    /**
     * Masks that mark nothing are looked at too: of another size than their picture they belong to another one, which
     * is the likelier mistake.
     */
    private Mask without(TestImage file, RgbImage picture, int width, int height) {
        if (!file.anomalous()) {
            return Mask.none(width, height);
        }
        file.masks().forEach(mask -> own(file, mask, picture));
        return null;
    }

    private Mask own(TestImage file, Path mask, RgbImage picture) {
        return options.threshold() == MaskThreshold.REFERENCE
                ? reference(file, mask, picture, picture.width(), picture.height())
                : upright(file, mask, picture);
    }

    private static Mask united(TestImage file, Function<Path, Mask> reading) {
        return file.masks().stream().map(reading).reduce(Mask::united).orElseThrow();
    }

    private boolean isEmpty(TestImage file) {
        return empty.contains(file);
    }

    /** One of an image's masks in the geometry of the picture. */
    private Mask upright(TestImage file, Path path, RgbImage picture) {
        StoredPicture stored = StoredPicture.read(path);
        MaskFile known = files.get(path);
        Mask mask = new Mask(
                stored.width(), stored.height(), rule.marked(stored, known == null ? MaskFile.look(path) : known));
        ExifOrientation own = stored.orientation();
        Mask upright = mask.turned(own);
        if (own.equals(ExifOrientation.UPRIGHT)) {
            // A labelling tool that ignores the camera's note draws on the picture as it is stored, and saves a mask
            // without a note.
            ExifOrientation note = Images.orientation(file.image());
            boolean asStored =
                    !note.isTransposed() || mask.width() == picture.height() && mask.height() == picture.width();
            upright = asStored ? mask.turned(note) : mask;
        }
        requireSize(file, path, upright.width(), upright.height(), picture);
        return upright;
    }

    private Mask reference(TestImage file, Path path, RgbImage picture, int width, int height) {
        GreyImage grey = Images.readGrey(path);
        requireSize(file, path, grey.width(), grey.height(), picture);
        GreyImage resized = Resize.bilinear(grey, width, height);
        boolean[] marked = new boolean[width * height];
        for (int i = 0; i < marked.length; i++) {
            marked[i] = options.threshold().isAnomalous(resized.grey()[i] & 0xFF);
        }
        return new Mask(width, height, marked);
    }

    private static void requireSize(TestImage file, Path mask, int width, int height, RgbImage picture) {
        if (width != picture.width() || height != picture.height()) {
            throw new InvalidInputException(
                    "mask " + mask + " is " + width + "x" + height + " but its image " + file.image() + " is "
                            + picture.width() + "x" + picture.height() + "; both must have the same size");
        }
    }
}
