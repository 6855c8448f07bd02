package io.diffusionad.app.run;

import io.diffusionad.app.console.Units;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Chooses where settings start when the user named no preset: the largest one whose training ends in time on the device
 * at hand. The published configuration is never chosen, since whoever wants it wants its rules and its time.
 */
public final class PresetChoice {
    /** What a first training may take, in minutes. */
    public static final int MINUTES = 60;

    private static final List<Preset> LARGEST_FIRST = List.of(Preset.SMALL, Preset.TINY);

    /**
     * @param settings of the preset with the user's own on top
     * @param reason why this preset, in a sentence for the user
     */
    public record Chosen(Preset preset, RunSettings settings, String reason) {}

    private PresetChoice() {}

    /**
     * A budget of steps or epochs should end within {@value #MINUTES} minutes. One of minutes is kept, and should be
     * enough for as many steps as the preset usually has. Where nothing does, the smallest preset trains, for
     * {@value #MINUTES} minutes unless the user named a budget.
     *
     * @param settingsOf a preset with what the user asked for on top
     * @param budgetNamed whether the user named steps, epochs or minutes
     * @param images good pictures to train on
     * @param secondsAStep estimate on the device at hand; infinite for settings that do not fit its memory
     */
    public static Chosen choose(
            Function<Preset, RunSettings> settingsOf,
            boolean budgetNamed,
            int images,
            ToDoubleFunction<RunSettings> secondsAStep) {
        List<String> refused = new ArrayList<>();
        for (Preset preset : LARGEST_FIRST) {
            RunSettings settings = settingsOf.apply(preset);
            Budget wanted = settings.budget().isTimed() ? preset.settings().budget() : settings.budget();
            double seconds = secondsAStep.applyAsDouble(settings) * wanted.stepsFor(images, settings.batch());
            double limit = 60 * (settings.budget().isTimed() ? settings.budget().minutes() : MINUTES);
            String name = preset.name().toLowerCase(Locale.ROOT);
            if (seconds <= limit) {
                return new Chosen(
                        preset,
                        settings,
                        "no --preset was named, so '" + name + "' trains, which takes about " + Units.duration(seconds)
                                + " here" + (refused.isEmpty() ? "" : " (" + String.join(", ", refused) + ")"));
            }
            refused.add(
                    Double.isInfinite(seconds)
                            ? "'" + name + "' needs more memory than there is"
                            : "'" + name + "' would take about " + Units.duration(seconds));
        }
        Preset smallest = LARGEST_FIRST.get(LARGEST_FIRST.size() - 1);
        RunSettings settings = settingsOf.apply(smallest);
        if (!budgetNamed) {
            settings = settings.toBuilder().budget(Budget.minutes(MINUTES)).build();
        }
        return new Chosen(
                smallest,
                settings,
                "no --preset was named, so '" + smallest.name().toLowerCase(Locale.ROOT)
                        + "' trains, the smallest, for " + settings.budget() + " (" + String.join(", ", refused) + ")");
    }
}
