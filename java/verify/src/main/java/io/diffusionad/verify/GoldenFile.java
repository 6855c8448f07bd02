package io.diffusionad.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.diffusionad.io.HostTensor;
import io.diffusionad.io.InvalidFileException;
import io.diffusionad.io.SafeTensors;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A recording: tensors (NCHW, weights OIHW) and JSON metadata that says how they were made. What is missing or
 * malformed is the file's fault, in a sentence.
 */
record GoldenFile(Path path, SafeTensors contents) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REMEDY = "record it again as golden/README.md describes";

    String name() {
        return path.getFileName().toString();
    }

    /** The name without its extension. */
    String stem() {
        return name().replaceFirst("\\.[^.]*$", "");
    }

    Set<String> names() {
        return contents.tensors().keySet();
    }

    boolean has(String... names) {
        return Arrays.stream(names).allMatch(contents::has);
    }

    boolean hasMetadata(String key) {
        return contents.metadata().containsKey(key);
    }

    HostTensor tensor(String name) throws InvalidFileException {
        if (!contents.has(name)) {
            throw new InvalidFileException(path, "it lacks the tensor '" + name + "'", REMEDY);
        }
        return contents.tensor(name);
    }

    float[] floats(String name) throws InvalidFileException {
        return tensor(name).toFloats();
    }

    double[] doubles(String name) throws InvalidFileException {
        return tensor(name).toDoubles();
    }

    long[] longs(String name) throws InvalidFileException {
        HostTensor tensor = tensor(name);
        if (tensor.type().isFloating()) {
            throw new InvalidFileException(path, "the tensor '" + name + "' is no integer", REMEDY);
        }
        return tensor.toLongs();
    }

    /** A tensor of four dimensions. */
    HostTensor image(String name) throws InvalidFileException {
        HostTensor tensor = tensor(name);
        if (tensor.shape().length != 4 || tensor.elements() == 0) {
            throw new InvalidFileException(
                    path, "the tensor '" + name + "' is " + tensor + " instead of (N, C, H, W)", REMEDY);
        }
        return tensor;
    }

    /** A number that is the only element of a tensor. */
    double scalar(String name) throws InvalidFileException {
        HostTensor tensor = tensor(name);
        if (tensor.elements() != 1) {
            throw new InvalidFileException(
                    path, "the tensor '" + name + "' is " + tensor + " instead of one number", REMEDY);
        }
        return tensor.toDoubles()[0];
    }

    JsonNode json(String key) throws InvalidFileException {
        String text = contents.metadata().get(key);
        if (text == null) {
            throw new InvalidFileException(path, "its metadata lack '" + key + "'", REMEDY);
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidFileException(
                    path, "its metadata '" + key + "' are not JSON (" + e.getOriginalMessage() + ")", REMEDY, e);
        }
    }

    double number(String key) throws InvalidFileException {
        JsonNode node = json(key);
        if (!node.isNumber()) {
            throw new InvalidFileException(path, "its metadata '" + key + "' are no number", REMEDY);
        }
        return node.doubleValue();
    }

    /** A number of the metadata, or what the reference uses when the file does not say. */
    double number(String key, double otherwise) throws InvalidFileException {
        return hasMetadata(key) ? number(key) : otherwise;
    }

    /** The order of the parameters in probe tensors: the file's, or that of the network where the file does not say. */
    private List<String> parameters(List<String> networkOrder) throws InvalidFileException {
        if (!hasMetadata("parameters")) {
            return networkOrder;
        }
        List<String> names = new ArrayList<>();
        json("parameters").forEach(node -> names.add(node.asText()));
        return names;
    }

    /** Norms and dot products, by the name of what they probe. */
    Map<String, Probe> probes(String l2Tensor, String dotTensor, List<String> networkOrder)
            throws InvalidFileException {
        List<String> parameters = parameters(networkOrder);
        double[] l2 = doubles(l2Tensor);
        double[] dot = doubles(dotTensor);
        if (l2.length != parameters.size() || dot.length != parameters.size()) {
            throw new InvalidFileException(
                    path,
                    l2Tensor + " and " + dotTensor + " do not have the " + parameters.size() + " parameters",
                    REMEDY);
        }
        Map<String, Probe> probes = new LinkedHashMap<>();
        for (int i = 0; i < l2.length; i++) {
            probes.put(parameters.get(i), new Probe(l2[i], dot[i], GoldenWeights.PARAMETER_PROBE + i));
        }
        return probes;
    }

    /**
     * What is stored of a large result.
     *
     * @param dot product with the probe vector
     * @param position of the probe vector
     */
    record Probe(double l2, double dot, long position) {
        static Probe of(float[] values, long position) {
            return new Probe(Errors.l2(values), GoldenWeights.dot(values, position), position);
        }
    }

    InvalidFileException invalid(String problem) {
        return new InvalidFileException(path, problem, REMEDY);
    }
}
