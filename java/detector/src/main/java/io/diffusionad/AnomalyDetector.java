package io.diffusionad;

import io.diffusionad.checkpoint.Checkpoint;
import io.diffusionad.checkpoint.DetectorModel;
import io.diffusionad.detect.DetectionPipeline;
import io.diffusionad.detect.Scored;
import io.diffusionad.detect.StageTimer;
import io.diffusionad.device.Device;
import io.diffusionad.device.Devices;
import io.diffusionad.frame.FrameStatistics;
import io.diffusionad.image.Images;
import io.diffusionad.image.Placement;
import io.diffusionad.image.Preparation;
import io.diffusionad.image.RgbImage;
import io.diffusionad.settings.Calibration;
import io.diffusionad.settings.ModelCard;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A trained detector, ready for images: the entry point for programs that embed the engine.
 *
 * <pre>{@code
 * try (AnomalyDetector detector = AnomalyDetector.load(Path.of("runs/bottle/best.safetensors"), DetectorOptions.DEFAULT)) {
 *     Detection detection = detector.detect(Path.of("query.png"));
 *     System.out.println(detection.score() + " " + detection.verdict());
 * }
 * }</pre>
 *
 * <p><b>Repeatable:</b> an image is looked at through noise that depends on the seed alone, so its score is the same
 * whenever and beside whatever other images it is computed, on one device and precision. <b>Thread-safe:</b> decoding
 * and resizing run on the calling threads at once, the networks for one caller at a time.
 */
public final class AnomalyDetector implements AutoCloseable {
    private final Device device;
    private final DetectorModel model;
    private final DetectionPipeline pipeline;
    private final ModelCard card;
    private final Criteria criteria;
    private final int batch;
    private final Object lock = new Object();
    private boolean closed;

    private AnomalyDetector(Path checkpoint, Device device, Checkpoint.Loaded loaded, DetectorOptions options) {
        this.device = device;
        this.model = loaded.model();
        this.card = loaded.card();
        this.criteria = Criteria.of(card, options);
        this.batch = options.batch();
        this.pipeline = new DetectionPipeline(
                device,
                model.unet(),
                model.segmentation(),
                card.model().diffusion(),
                options.precision().on(device),
                card.ranges(options.precision(), checkpoint),
                options.seed());
    }

    /**
     * Opens a device and loads a checkpoint onto it.
     *
     * @param checkpoint a model file that training wrote
     * @throws IOException when the file is missing, truncated or damaged
     * @throws io.diffusionad.error.InvalidInputException when it is of another kind or architecture
     * @throws io.diffusionad.device.DeviceUnavailableException when a device was named that cannot be had
     * @throws io.diffusionad.tensor.OutOfDeviceMemoryException when the device's memory is too small
     */
    public static AnomalyDetector load(Path checkpoint, DetectorOptions options) throws IOException {
        return load(checkpoint, options, Devices.open(options.device(), options.deviceOptions()));
    }

    /**
     * Loads a checkpoint onto a device that the caller opened, to check or profile it, for instance. The device belongs
     * to the detector from here on: it is closed with it, or when loading fails.
     *
     * @param options what they say of the device is not looked at
     * @throws IOException as {@link #load(Path, DetectorOptions)} does, and the like
     */
    public static AnomalyDetector load(Path checkpoint, DetectorOptions options, Device device) throws IOException {
        try {
            Checkpoint.Loaded loaded = Checkpoint.load(checkpoint, device);
            try {
                loaded.model().allowRelease(); // nobody else can reach the networks of a detector
                return new AnomalyDetector(checkpoint, device, loaded, options);
            } catch (RuntimeException | Error e) {
                loaded.close();
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            device.close();
            throw e;
        }
    }

    /** Runs one blank image, so that the first real one does not pay for what devices prepare once. */
    public void warmUp() {
        detect(RgbImage.black(card.model().imageSize(), card.model().imageSize()));
    }

    /** @throws io.diffusionad.error.InvalidInputException when the file is no readable picture */
    public Detection detect(Path image) {
        return detect(read(image));
    }

    /** Reads a picture as the model's pictures are read: its levels are those of the model's preparation. */
    public RgbImage read(Path image) {
        return card.model().preparation().read(image);
    }

    public Detection detect(BufferedImage image) {
        return detect(Images.fromBufferedImage(image, card.model().preparation()));
    }

    public Detection detect(RgbImage image) {
        return detect(List.of(image)).get(0);
    }

    /**
     * Detects in several images, as many at once as {@link DetectorOptions#batch()} says. @return in the order of the
     * images
     */
    public List<Detection> detect(List<RgbImage> images) {
        int size = card.model().imageSize();
        Preparation preparation = card.model().preparation();
        List<Detection> detections = new ArrayList<>();
        for (int from = 0; from < images.size(); from += batch) {
            List<RgbImage> part = images.subList(from, Math.min(from + batch, images.size()));
            List<float[]> inputs = part.stream()
                    .map(image -> preparation.square(image, size).toFloats())
                    .toList();
            List<Scored> scored;
            synchronized (lock) {
                requireOpen();
                scored = pipeline.score(inputs);
            }
            for (int i = 0; i < part.size(); i++) {
                RgbImage image = part.get(i);
                Placement placement = preparation.place(image.width(), image.height(), size);
                Optional<String> invalid = criteria.frames()
                        .complaint(FrameStatistics.of(
                                inputs.get(i), size, size, scored.get(i).residual()));
                detections.add(
                        new Detection(image, placement, scored.get(i).scoreMap(), criteria, invalid.orElse(null)));
            }
        }
        return detections;
    }

    /** What the checkpoint says of itself. */
    public ModelCard card() {
        return card;
    }

    /** Image scores above it are defective; NaN when there is none. */
    public double threshold() {
        return criteria.threshold();
    }

    /** Pixels that score at least this much belong to a mask; NaN when there is no such threshold. */
    public double pixelThreshold() {
        return criteria.pixelThreshold();
    }

    /**
     * The scores of good images that the threshold was learnt from, and what they promise at the rate of false alarms
     * in force.
     */
    public Calibration calibration() {
        return criteria.calibration();
    }

    /** The device's name and description. */
    public String device() {
        return device.name() + ": " + device.description();
    }

    /** Where the time of the detections so far went. */
    public StageTimer timer() {
        return pipeline.timer();
    }

    /**
     * Frees the model and the device; a detection under way in another thread ends first. Repeated calls do nothing.
     */
    @Override
    public void close() {
        synchronized (lock) {
            if (!closed) {
                closed = true;
                pipeline.close();
                model.close();
                device.close();
            }
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the detector is closed");
        }
    }
}
