package io.diffusionad.testkit.libtorch;

import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Layers that are written down as lines of TorchScript, one a value; a value is its variable's name. */
final class ScriptLayers implements Layers<String> {
    private final TorchParameters parameters;
    private final Map<String, Tensor> attributes = new LinkedHashMap<>();
    private final StringBuilder lines = new StringBuilder();
    private int values;

    ScriptLayers(TorchParameters parameters) {
        this.parameters = parameters;
    }

    /** A module of what was written so far, with the parameters that it reads. */
    JitModule module(String result, String... inputs) {
        JitModule module = new JitModule(new QualifiedName("Network"));
        attributes.forEach((name, tensor) -> module.register_parameter(name, tensor, true));
        module.define(
                "def forward(self, " + String.join(", ", inputs) + "):\n" + lines + "    return " + result + "\n");
        return module;
    }

    @Override
    public TorchParameters parameters() {
        return parameters;
    }

    /** The interpreter frees every value after its last use. */
    @Override
    public String part(Supplier<String> computation) {
        return computation.get();
    }

    @Override
    public String convolution(String prefix, String x, long stride) {
        long padding = parameters.get(prefix + ".weight").size(2) / 2;
        return let(
                "torch.conv2d(%s, %s, %s, [%d, %d], [%d, %d])",
                x, self(prefix + ".weight"), self(prefix + ".bias"), stride, stride, padding, padding);
    }

    @Override
    public String pointwise(String prefix, String x) {
        return let("torch.conv1d(%s, %s, %s)", x, self(prefix + ".weight"), self(prefix + ".bias"));
    }

    @Override
    public String linear(String prefix, String x) {
        return let("torch.linear(%s, %s, %s)", x, self(prefix + ".weight"), self(prefix + ".bias"));
    }

    @Override
    public String groupNorm(String prefix, String x) {
        return let(
                "torch.group_norm(%s, %d, %s, %s, %s, False)",
                x, GROUPS, self(prefix + ".weight"), self(prefix + ".bias"), EPS);
    }

    @Override
    public String batchNorm(String prefix, String x, boolean training) {
        if (training) {
            throw new UnsupportedOperationException("scripts are written for inference");
        }
        if (!parameters.has(prefix + ".running_mean")) {
            return x;
        }
        return let(
                "torch.batch_norm(%s, %s, %s, %s, %s, False, 0.1, %s, False)",
                x,
                self(prefix + ".weight"),
                self(prefix + ".bias"),
                self(prefix + ".running_mean"),
                self(prefix + ".running_var"),
                EPS);
    }

    @Override
    public String silu(String x) {
        return let("torch.silu(%s)", x);
    }

    @Override
    public String relu(String x) {
        return let("torch.relu(%s)", x);
    }

    @Override
    public String sigmoid(String x) {
        return let("torch.sigmoid(%s)", x);
    }

    @Override
    public String softmax(String x) {
        return let("torch.softmax(%s.float(), -1).type_as(%s)", x, x);
    }

    @Override
    public String sum(String a, String b) {
        return let("%s + %s", a, b);
    }

    @Override
    public String shifted(String x, String shift) {
        return let("%s + %s.unsqueeze(2).unsqueeze(3)", x, shift);
    }

    @Override
    public String scaled(String x, double factor) {
        return let("%s * %s", x, factor);
    }

    @Override
    public String concatenated(String a, String b) {
        return let("torch.cat([%s, %s], 1)", a, b);
    }

    @Override
    public String halved(String x) {
        return let("torch.avg_pool2d(%s, [2, 2], [2, 2])", x);
    }

    @Override
    public String pooled(String x) {
        return let("torch.max_pool2d(%s, [2, 2], [2, 2])", x);
    }

    @Override
    public String doubled(String x) {
        return let("torch.upsample_nearest2d(%s, [2 * %s.size(2), 2 * %s.size(3)])", x, x, x);
    }

    @Override
    public String enlarged(String x) {
        return let("torch.upsample_bilinear2d(%s, [2 * %s.size(2), 2 * %s.size(3)], True)", x, x, x);
    }

    @Override
    public String tokens(String x) {
        return let("%s.flatten(2, 3)", x);
    }

    @Override
    public String byHead(String x, long heads) {
        return let("%s.reshape([%s.size(0) * %d, -1, %s.size(2)])", x, x, heads, x);
    }

    @Override
    public String narrowed(String x, long from, long channels) {
        return let("%s.narrow(1, %d, %d)", x, from, channels);
    }

    @Override
    public String transposed(String x) {
        return let("%s.transpose(1, 2)", x);
    }

    @Override
    public String product(String a, String b) {
        return let("torch.bmm(%s, %s)", a, b);
    }

    @Override
    public String shapedLike(String x, String like) {
        return let("%s.reshape_as(%s)", x, like);
    }

    @Override
    public String waves(String t, double[] frequencies, String like) {
        attributes.put("frequencies", TorchTensors.of(frequencies, ScalarType.Double, 1, frequencies.length));
        String angles = let("%s.unsqueeze(1) * self.frequencies.type_as(%s)", t, t);
        return let("torch.cat([%s.sin(), %s.cos()], 1).type_as(%s)", angles, angles, self(like));
    }

    /** A parameter as the module's attribute, whose names have no dots. */
    private String self(String parameter) {
        String name = parameter.replace('.', '_');
        attributes.put(name, parameters.get(parameter));
        return "self." + name;
    }

    private String let(String expression, Object... operands) {
        String value = "v" + values++;
        lines.append("    ")
                .append(value)
                .append(" = ")
                .append(String.format(Locale.ROOT, expression, operands))
                .append('\n');
        return value;
    }
}
