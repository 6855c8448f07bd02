package io.diffusionad.benchmarks.peer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** ONNX Runtime on our own export of the whole one-step pipeline. Arguments: threads, ONNX file, inputs. */
public final class OnnxWorker {
    /**
     * Loading a model takes about as much stack as a thread of Java has by default; beyond that it ends the process
     * without a word.
     */
    public static final List<String> JVM_OPTIONS = List.of("-Xmx1g", "-Xss8m");

    private OnnxWorker() {}

    public static void main(String[] arguments) throws IOException {
        Worker.serve(() -> {
            try {
                return new OneStep(
                        Integer.parseInt(arguments[0]), Path.of(arguments[1]), PeerInputs.read(Path.of(arguments[2])));
            } catch (OrtException e) {
                throw new IOException("ONNX Runtime cannot load " + arguments[1], e);
            }
        });
    }

    private static final class OneStep implements PeerTask {
        private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
        private final OrtSession session;
        private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

        OneStep(int threads, Path file, PeerInputs inputs) throws OrtException {
            OrtSession.SessionOptions options = new OrtSession.SessionOptions();
            options.setIntraOpNumThreads(threads);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            // Its threads must not spin while others are timed.
            options.addConfigEntry("session.force_spinning_stop", "1");
            session = environment.createSession(file.toString(), options);
            long[] shape = {inputs.n(), 3, inputs.size(), inputs.size()};
            tensors.put("image", OnnxTensor.createTensor(environment, FloatBuffer.wrap(inputs.images()), shape));
            tensors.put(
                    "noise_small", OnnxTensor.createTensor(environment, FloatBuffer.wrap(inputs.noiseSmall()), shape));
            tensors.put("noise_big", OnnxTensor.createTensor(environment, FloatBuffer.wrap(inputs.noiseBig()), shape));
        }

        @Override
        public String description() {
            return "ONNX Runtime " + environment.getVersion();
        }

        @Override
        public Map<String, float[]> outputs() {
            try (OrtSession.Result result = session.run(tensors)) {
                return Map.of(
                        "reconstruction", floats(result, "reconstruction"), "score_map", floats(result, "score_map"));
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime failed", e);
            }
        }

        @Override
        public void run() {
            try {
                session.run(tensors).close();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime failed", e);
            }
        }

        @Override
        public void close() {
            tensors.values().forEach(OnnxTensor::close);
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime did not close", e);
            }
        }

        private static float[] floats(OrtSession.Result result, String name) {
            FloatBuffer buffer = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            return values;
        }
    }
}
