package io.diffusionad.train;

import io.diffusionad.data.SampleSource;
import io.diffusionad.data.TrainingSample;
import io.diffusionad.device.DeviceOptions;
import io.diffusionad.device.Devices;
import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TrainerTest {
    private static final TrainingSettings SETTINGS =
            TrainingSettings.DEFAULT.withSeed(9).withBatch(2, 1);

    @Test
    void resumedRunEqualsAnUninterruptedOneBitForBit() {
        List<float[]> uninterrupted;
        List<Losses> losses = new ArrayList<>();
        List<float[]> checkpoint = new ArrayList<>();
        try (TinyTraining training = open()) {
            TrainingListener listener = new TrainingListener() {
                @Override
                public void stepDone(StepReport report) {
                    losses.add(report.losses());
                }

                @Override
                public void checkpoint(long step) {
                    if (step == 2) {
                        checkpoint.addAll(training.state());
                    }
                }
            };
            assertEquals(
                    4,
                    training.trainer(SETTINGS).run(TinyTraining.samples(), 0, new Trainer.Plan(4, 0, 2, 1), listener));
            uninterrupted = training.state();
        }
        try (TinyTraining resumed = open()) {
            resumed.restore(checkpoint);
            List<Losses> further = new ArrayList<>();
            resumed.trainer(SETTINGS).run(TinyTraining.samples(), 2, new Trainer.Plan(4, 0, 0, 2), record(further));
            assertEquals(losses.subList(2, 4), further);
            List<float[]> state = resumed.state();
            assertEquals(uninterrupted.size(), state.size());
            for (int i = 0; i < state.size(); i++) {
                assertArrayEquals(uninterrupted.get(i), state.get(i));
            }
        }
    }

    @Test
    void callbacksComeWhenThePlanSays() {
        try (TinyTraining training = open()) {
            List<String> events = new ArrayList<>();
            training.trainer(SETTINGS)
                    .run(TinyTraining.samples(), 0, new Trainer.Plan(3, 2, 1, 1), new TrainingListener() {
                        @Override
                        public void stepDone(StepReport report) {
                            assertEquals(1e-4, report.unetRate());
                            events.add("step " + report.step());
                        }

                        @Override
                        public void evaluate(long step) {
                            events.add("evaluate " + step);
                        }

                        @Override
                        public void checkpoint(long step) {
                            events.add("checkpoint " + step);
                        }
                    });
            assertEquals(
                    List.of(
                            "step 1",
                            "checkpoint 1",
                            "step 2",
                            "evaluate 2",
                            "checkpoint 2",
                            "step 3",
                            "evaluate 3",
                            "checkpoint 3"),
                    events);
        }
    }

    @Test
    void stopRequestEndsTheRunAfterACheckpoint() {
        try (TinyTraining training = open()) {
            Trainer trainer = training.trainer(SETTINGS);
            List<Long> checkpoints = new ArrayList<>();
            long done = trainer.run(TinyTraining.samples(), 0, new Trainer.Plan(100, 0, 0, 1), new TrainingListener() {
                @Override
                public void stepDone(StepReport report) {
                    trainer.requestStop();
                }

                @Override
                public void checkpoint(long step) {
                    checkpoints.add(step);
                }
            });
            assertEquals(1, done);
            assertEquals(List.of(1L), checkpoints);
        }
    }

    @Test
    void lossThatIsNotANumberEndsTheRunBeforeTheWeightsChange() {
        try (TinyTraining training = open()) {
            SampleSource broken = index -> {
                TrainingSample sample = TinyTraining.samples().sample(index);
                float[] image = sample.image().clone();
                Arrays.fill(image, Float.NaN);
                return new TrainingSample(sample.width(), sample.height(), image, sample.mask(), sample.anomalous());
            };
            float[] before = training.unet.parameters().exportReference("out.2.weight");
            String message = assertThrows(InvalidInputException.class, () -> training.trainer(SETTINGS)
                            .run(broken, 0, new Trainer.Plan(3, 0, 0, 1), new TrainingListener() {}))
                    .getMessage();
            assertTrue(message.contains("NaN at step 1") && message.contains("lower learning rate"), message);
            assertArrayEquals(before, training.unet.parameters().exportReference("out.2.weight"));
        }
    }

    @Test
    void memoryOfAStepIsReturned() {
        try (TinyTraining training = open()) {
            training.trainer(SETTINGS)
                    .run(TinyTraining.samples(), 0, new Trainer.Plan(1, 0, 0, 1), new TrainingListener() {});
            long reserved = training.workspace.reserved();
            assertEquals(0, training.workspace.main().used());
            training.trainer(SETTINGS)
                    .run(TinyTraining.samples(), 1, new Trainer.Plan(3, 0, 0, 1), new TrainingListener() {});
            assertEquals(reserved, training.workspace.reserved(), "memory grew with the number of steps");
        }
    }

    @Test
    void lossFallsWhenOneBatchIsLearntByHeart() {
        try (TinyTraining training = open()) {
            List<Losses> losses = new ArrayList<>();
            SampleSource same = index -> TinyTraining.samples().sample(index % 2);
            training.trainer(SETTINGS.withRates(1e-3, 1e-3))
                    .run(same, 0, new Trainer.Plan(15, 0, 0, 1), record(losses));
            double start = losses.subList(0, 3).stream()
                    .mapToDouble(Losses::total)
                    .average()
                    .orElseThrow();
            double end = losses.subList(12, 15).stream()
                    .mapToDouble(Losses::total)
                    .average()
                    .orElseThrow();
            assertTrue(end < 0.9 * start, () -> "the loss went from " + start + " to " + end);
        }
    }

    @Test
    void impossiblePlansAreRefused() {
        assertThrows(InvalidInputException.class, () -> new Trainer.Plan(0, 0, 0, 1));
        assertThrows(InvalidInputException.class, () -> new Trainer.Plan(1, 0, 0, 0));
    }

    private static TrainingListener record(List<Losses> losses) {
        return new TrainingListener() {
            @Override
            public void stepDone(StepReport report) {
                losses.add(report.losses());
            }
        };
    }

    private static TinyTraining open() {
        return new TinyTraining(Devices.open("cpu", DeviceOptions.DEFAULT));
    }
}
