package io.diffusionad.checkpoint;

import io.diffusionad.error.InvalidInputException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Typed access to a dictionary of the original program, whose missing keys read as the empty text. @param source what
 * messages call it
 */
record ReferenceValues(Map<?, ?> values, String source) {
    private static final String NUMBERS = "a list of numbers, such as [1, 2, 2, 4]";
    private static final int LONGEST_SHOWN = 60;

    int integer(String key, int otherwise) {
        double value = number(key, otherwise);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw invalid(key, "a whole number");
        }
        return (int) value;
    }

    double number(String key, double otherwise) {
        Object value = values.get(key);
        if (isAbsent(value)) {
            return otherwise;
        }
        if (!(value instanceof Number number) || !Double.isFinite(number.doubleValue())) {
            throw invalid(key, "a number");
        }
        return number.doubleValue();
    }

    /** A number, or a list of two equal ones. */
    int square(String key, int otherwise) {
        if (!(values.get(key) instanceof List<?> sides)) {
            return integer(key, otherwise);
        }
        if (sides.size() != 2 || !(sides.get(0) instanceof Number side) || !side.equals(sides.get(1))) {
            throw invalid(key, "two equal numbers, such as [256, 256]");
        }
        return new ReferenceValues(Map.of(key, side), source).integer(key, otherwise);
    }

    /** A list of numbers, or numbers with commas between; empty when absent. */
    List<Double> numbers(String key) {
        Object value = values.get(key);
        List<Double> numbers = new ArrayList<>();
        if (isAbsent(value)) {
            return numbers;
        }
        if (!(value instanceof List || value instanceof String || value instanceof Number)) {
            throw invalid(key, NUMBERS);
        }
        for (Object item : value instanceof List<?> list
                ? list
                : List.of(String.valueOf(value).split(","))) {
            if (!(item instanceof String || item instanceof Number)) {
                throw invalid(key, NUMBERS);
            }
            try {
                numbers.add(Double.parseDouble(String.valueOf(item).strip()));
            } catch (NumberFormatException e) {
                throw invalid(key, NUMBERS);
            }
        }
        return numbers;
    }

    Optional<String> text(String key) {
        Object value = values.get(key);
        if (isAbsent(value)) {
            return Optional.empty();
        }
        if (!(value instanceof String text)) {
            throw invalid(key, "a text");
        }
        return Optional.of(text);
    }

    private static boolean isAbsent(Object value) {
        return value == null || value.equals("");
    }

    private InvalidInputException invalid(String key, String wanted) {
        return new InvalidInputException(
                "'" + key + "' in " + source + " is " + shown(values.get(key)) + ": it must be " + wanted);
    }

    /** Nested values are not spelled out: they may be deep, and contain themselves. */
    private static String shown(Object value) {
        if (value instanceof Map) {
            return "a dictionary";
        }
        if (value instanceof List<?> list
                && list.stream().anyMatch(item -> item instanceof List || item instanceof Map)) {
            return "a nested list";
        }
        String text = String.valueOf(value);
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
    }
}
