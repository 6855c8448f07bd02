package io.diffusionad.testkit.cases;

import io.diffusionad.ops.LossOps.SegmentationLoss;
import io.diffusionad.testkit.Operand.Kind;
import io.diffusionad.testkit.OperationCase;
import io.diffusionad.testkit.Values;

import java.util.List;
import java.util.function.Consumer;

/** Losses with their gradients: soft and hard masks, predictions inside and at the ends of [0, 1]. */
final class LossCases {
    private LossCases() {}

    static void addTo(Consumer<OperationCase> table) {
        for (int[] shape : List.of(new int[] {1, 1, 1, 3}, new int[] {3, 5, 7, 3}, new int[] {2, 40, 33, 3})) {
            for (boolean accumulate : List.of(false, true)) {
                table.accept(OperationCase.of(
                                "squaredErrorForwardBackward",
                                "%dx%dx%dx%d".formatted(shape[0], shape[1], shape[2], shape[3])
                                        + (accumulate ? " +=" : ""))
                        .float32Only()
                        .out("loss", Kind.FLOAT32, shape[0])
                        .gradient("deps", Kind.FLOAT32, accumulate, shape)
                        .in("eps", Kind.FLOAT32, shape)
                        .in("noise", Kind.FLOAT32, shape)
                        .in("weight", Kind.FLOAT32, Values.oneOf(0, 0.25, 1), shape[0])
                        .run((ops, t) -> ops.squaredErrorForwardBackward(
                                t.tensor("loss"),
                                t.tensor("deps"),
                                t.tensor("eps"),
                                t.tensor("noise"),
                                t.tensor("weight"),
                                accumulate)));
            }
        }
        for (int[] shape : List.of(new int[] {1, 1, 1, 1}, new int[] {3, 5, 7, 1}, new int[] {2, 40, 33, 1})) {
            Values inside = Values.uniform(0.001, 0.999);
            addSegmentation(table, shape, "hard mask", inside, Values.oneOf(0, 1), SegmentationLoss.DEFAULT);
            addSegmentation(table, shape, "soft mask", inside, Values.uniform(0, 1), SegmentationLoss.DEFAULT);
            addSegmentation(
                    table,
                    shape,
                    "other settings",
                    inside,
                    Values.oneOf(0, 1),
                    new SegmentationLoss(0.25f, 2f, 1f, 3f));
            addSegmentation(
                    table, shape, "saturated", Values.oneOf(0, 1), Values.oneOf(0, 1), SegmentationLoss.DEFAULT);
        }
    }

    private static void addSegmentation(
            Consumer<OperationCase> table,
            int[] shape,
            String note,
            Values predictions,
            Values masks,
            SegmentationLoss settings) {
        table.accept(OperationCase.of(
                        "segmentationLossForwardBackward", "%dx%dx%d %s".formatted(shape[0], shape[1], shape[2], note))
                .float32Only()
                .out("losses", Kind.FLOAT32, 2)
                .out("dpred", Kind.FLOAT32, shape)
                .in("pred", Kind.FLOAT32, predictions, shape)
                .in("mask", Kind.FLOAT32, masks, shape)
                .run((ops, t) -> ops.segmentationLossForwardBackward(
                        t.tensor("losses"), t.tensor("dpred"), t.tensor("pred"), t.tensor("mask"), settings)));
    }
}
