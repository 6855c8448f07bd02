package io.diffusionad.app.command;

import io.diffusionad.data.MaskThreshold;
import io.diffusionad.data.mask.MaskOptions;
import io.diffusionad.data.mask.MaskValues;
import picocli.CommandLine.Option;

/** How ground-truth masks are understood: the options that commands on test sets share. */
final class MaskChoice {
    @Option(
            names = "--mask-values",
            paramLabel = "VALUES",
            description =
                    "Which values of a mask mark a defect: any but the background's, half (from half of a mask's own maximum on), a list such as "
                            + "1,3,236-255 or #ff0000. Default: found out from all masks, and said.")
    private String values;

    @Option(
            names = "--mask-threshold",
            paramLabel = "RULE",
            description =
                    "half: masks are understood before they are resized, no region is lost (default); reference: resized first, only full white counts "
                            + "(the default of train with --preset paper or --config).")
    private MaskThreshold threshold;

    /** What was given, on top of other settings. @param acceptEmpty as in {@link MaskOptions} */
    MaskOptions on(MaskThreshold otherThreshold, String otherValues, boolean acceptEmpty) {
        return new MaskOptions(
                threshold == null ? otherThreshold : threshold,
                MaskValues.parse(values == null ? otherValues : values),
                acceptEmpty);
    }
}
