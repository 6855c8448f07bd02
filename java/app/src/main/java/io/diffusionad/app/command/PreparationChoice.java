package io.diffusionad.app.command;

import io.diffusionad.image.Preparation;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.util.Locale;

/** How pictures become the model's square; what is not given stays as the preset or configuration has it. */
final class PreparationChoice {
    @Option(
            names = "--levels",
            paramLabel = "RULE",
            converter = LevelsConverter.class,
            description =
                    "What becomes of pictures of more than 8 bits: upper (the upper byte of 16), full (the bits that the training pictures use), or "
                            + "min-max (each picture's own range).")
    private Preparation.Levels levels;

    @Option(
            names = "--shrink",
            paramLabel = "RULE",
            description = "How pictures lose pixels: area (every pixel counts; default of tiny and small) or bilinear "
                    + "(as published: most pixels of a large picture are never read).")
    private Preparation.Shrink shrink;

    @Option(
            names = "--fit",
            paramLabel = "RULE",
            description = "What happens to pictures that are not square: stretch (default), letterbox (bars), or crop "
                    + "(the middle).")
    private Preparation.Fit fit;

    Preparation of(Preparation base) {
        return new Preparation(
                levels == null ? base.levels() : levels,
                base.bits(),
                shrink == null ? base.shrink() : shrink,
                fit == null ? base.fit() : fit);
    }

    /** Accepts min-max for MIN_MAX. */
    static final class LevelsConverter implements ITypeConverter<Preparation.Levels> {
        @Override
        public Preparation.Levels convert(String text) {
            for (Preparation.Levels levels : Preparation.Levels.values()) {
                if (levels.name()
                        .replace('_', '-')
                        .equals(text.toUpperCase(Locale.ROOT).replace('_', '-'))) {
                    return levels;
                }
            }
            throw new TypeConversionException("'" + text + "' is no rule for levels: choose upper, full or min-max");
        }
    }
}
