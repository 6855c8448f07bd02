package io.diffusionad.app.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import io.diffusionad.nn.ParameterStore;

import java.util.Arrays;
import java.util.List;

/** Layers of both networks as ONNX nodes; weights come from a network's parameters by their reference names. */
final class OnnxLayers {
    private static final int GROUPS = 32;
    private static final float EPS = 1e-5f;

    /** A feature map (N, channels, height, width). */
    record Feature(String value, int channels, int height, int width) {
        Feature with(String other) {
            return new Feature(other, channels, height, width);
        }
    }

    private final OnnxGraph graph;
    private final ParameterStore parameters;
    private final String prefix;

    /** @param prefix sets this network's constants apart from others of the graph */
    OnnxLayers(OnnxGraph graph, ParameterStore parameters, String prefix) {
        this.graph = graph;
        this.parameters = parameters;
        this.prefix = prefix;
    }

    OnnxGraph graph() {
        return graph;
    }

    boolean has(String parameter) {
        return parameters.names().contains(parameter);
    }

    /** Parameters {@code name.weight} and {@code name.bias}; padding keeps the size at stride 1. */
    Feature convolution(Feature x, String name, int stride) {
        int[] shape = parameters.referenceShape(name + ".weight");
        int kernel = shape.length == 4 ? shape[2] : 1;
        int padding = kernel / 2;
        String weight = parameter(name + ".weight", shape[0], shape[1], kernel, kernel);
        String y = graph.node(
                "Conv",
                List.of(x.value, weight, parameter(name + ".bias", shape[0])),
                OnnxGraph.attribute("kernel_shape", kernel, kernel),
                OnnxGraph.attribute("strides", stride, stride),
                OnnxGraph.attribute("pads", padding, padding, padding, padding));
        return new Feature(y, shape[0], x.height / stride, x.width / stride);
    }

    /** Normalisation over each of 32 groups, as an instance normalisation of the groups' concatenated channels. */
    Feature groupNorm(Feature x, String name) {
        float[] ones = new float[GROUPS];
        Arrays.fill(ones, 1f);
        String grouped = graph.node("Reshape", List.of(x.value, graph.longs(0, GROUPS, -1)));
        String normalised = graph.node(
                "InstanceNormalization",
                List.of(
                        grouped,
                        graph.floats("ones", new int[] {GROUPS}, ones),
                        graph.floats("zeros", new int[] {GROUPS}, new float[GROUPS])),
                OnnxGraph.number("epsilon", EPS));
        String restored = graph.node("Reshape", List.of(normalised, graph.longs(-1, x.channels, x.height, x.width)));
        String scaled = graph.node("Mul", List.of(restored, parameter(name + ".weight", x.channels, 1, 1)));
        return x.with(graph.node("Add", List.of(scaled, parameter(name + ".bias", x.channels, 1, 1))));
    }

    /** Evaluation mode. */
    Feature batchNorm(Feature x, String name) {
        return x.with(graph.node(
                "BatchNormalization",
                List.of(
                        x.value,
                        parameter(name + ".weight", x.channels),
                        parameter(name + ".bias", x.channels),
                        parameter(name + ".running_mean", x.channels),
                        parameter(name + ".running_var", x.channels)),
                OnnxGraph.number("epsilon", EPS)));
    }

    String silu(String x) {
        return graph.node("Mul", List.of(x, graph.node("Sigmoid", List.of(x))));
    }

    Feature silu(Feature x) {
        return x.with(silu(x.value));
    }

    Feature relu(Feature x) {
        return x.with(graph.node("Relu", List.of(x.value)));
    }

    /** @param x (N, C) @return (N, K) */
    String linear(String x, String name) {
        int[] shape = parameters.referenceShape(name + ".weight");
        return graph.node(
                "Gemm",
                List.of(x, parameter(name + ".weight", shape), parameter(name + ".bias", shape[0])),
                OnnxGraph.integer("transB", 1));
    }

    Feature add(Feature a, Feature b) {
        return a.with(graph.node("Add", List.of(a.value, b.value)));
    }

    Feature concat(Feature a, Feature b) {
        String y = graph.node("Concat", List.of(a.value, b.value), OnnxGraph.integer("axis", 1));
        return new Feature(y, a.channels + b.channels, a.height, a.width);
    }

    Feature upNearest(Feature x) {
        return enlarged(
                x,
                OnnxGraph.text("mode", "nearest"),
                OnnxGraph.text("coordinate_transformation_mode", "asymmetric"),
                OnnxGraph.text("nearest_mode", "floor"));
    }

    /** Bilinear with aligned corners. */
    Feature upBilinear(Feature x) {
        return enlarged(
                x, OnnxGraph.text("mode", "linear"), OnnxGraph.text("coordinate_transformation_mode", "align_corners"));
    }

    Feature downAverage(Feature x) {
        return halved(x, "AveragePool");
    }

    Feature downMaximum(Feature x) {
        return halved(x, "MaxPool");
    }

    /**
     * Self-attention of a normalised map, channels laid out (head, [q, k, v], dim) between the two 1x1 convolutions.
     */
    Feature attention(Feature x, String name, int heads) {
        int dim = x.channels / heads;
        int pixels = x.height * x.width;
        Feature qkv = convolution(groupNorm(x, name + ".norm"), name + ".to_qkv", 1);
        String byHead = graph.node("Reshape", List.of(qkv.value, graph.longs(0, heads, 3L * dim, pixels)));
        List<String> parts =
                graph.node("Split", List.of(byHead, graph.longs(dim, dim, dim)), 3, OnnxGraph.integer("axis", 2));
        String queries = graph.node("Transpose", List.of(parts.get(0)), OnnxGraph.attribute("perm", 0, 1, 3, 2));
        String scores = graph.node(
                "Mul", List.of(graph.node("MatMul", List.of(queries, parts.get(1))), graph.scalar(1 / Math.sqrt(dim))));
        String weights = graph.node("Softmax", List.of(scores), OnnxGraph.integer("axis", -1));
        String byKey = graph.node("Transpose", List.of(weights), OnnxGraph.attribute("perm", 0, 1, 3, 2));
        String attended = graph.node("MatMul", List.of(parts.get(2), byKey)); // (N, heads, dim, pixels)
        String restored = graph.node("Reshape", List.of(attended, graph.longs(-1, x.channels, x.height, x.width)));
        return add(x, convolution(x.with(restored), name + ".proj_out", 1));
    }

    private Feature enlarged(Feature x, AttributeProto... mode) {
        String scales = graph.floats("twice", new int[] {4}, 1, 1, 2, 2);
        return new Feature(
                graph.node("Resize", List.of(x.value, "", scales), mode), x.channels, 2 * x.height, 2 * x.width);
    }

    private Feature halved(Feature x, String pooling) {
        String y = graph.node(
                pooling,
                List.of(x.value),
                OnnxGraph.attribute("kernel_shape", 2, 2),
                OnnxGraph.attribute("strides", 2, 2));
        return new Feature(y, x.channels, x.height / 2, x.width / 2);
    }

    private String parameter(String name, int... shape) {
        return graph.floats(prefix + name, shape, parameters.exportReference(name));
    }
}
