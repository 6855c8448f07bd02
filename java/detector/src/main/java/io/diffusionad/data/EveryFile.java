package io.diffusionad.data;

import io.diffusionad.error.InvalidInputException;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tries many files on all cores and tells all of those that cannot be used, so that a user mends a data set once and
 * not file by file.
 */
public final class EveryFile {
    /** Sentences beyond these would hide each other. */
    private static final int NAMED = 5;

    private EveryFile() {}

    /**
     * What is wrong, by item, in the order of the items.
     *
     * @param reading throws {@link InvalidInputException} for what cannot be used; other failures are passed on
     */
    public static <T> Map<T, String> problems(Collection<T> items, Consumer<T> reading) {
        List<T> ordered = List.copyOf(items);
        List<String> sentences =
                ordered.parallelStream().map(item -> problem(item, reading)).toList();
        Map<T, String> problems = new LinkedHashMap<>();
        for (int i = 0; i < ordered.size(); i++) {
            if (!sentences.get(i).isEmpty()) {
                problems.put(ordered.get(i), sentences.get(i));
            }
        }
        return problems;
    }

    /**
     * @param problems sentences about single files
     * @param tried how many files there are
     * @param what they are called, plural
     * @param advice what to do besides mending them, such as ", or add --option"; may be empty
     * @throws InvalidInputException with one sentence about all, when there is a problem
     */
    public static void requireNone(Collection<String> problems, int tried, String what, String advice) {
        if (problems.isEmpty()) {
            return;
        }
        if (problems.size() == 1) {
            throw new InvalidInputException(problems.iterator().next() + advice);
        }
        StringBuilder sentence = new StringBuilder(problems.size() + " of " + tried + " " + what + " cannot be used:");
        List<String> named = new ArrayList<>(problems).subList(0, Math.min(NAMED, problems.size()));
        for (int i = 0; i < named.size(); i++) {
            sentence.append(" (").append(i + 1).append(") ").append(named.get(i));
        }
        int more = problems.size() - named.size();
        throw new InvalidInputException(sentence + (more == 0 ? "" : "; and " + more + " more") + advice);
    }

    private static <T> String problem(T item, Consumer<T> reading) {
        try {
            reading.accept(item);
            return "";
        } catch (InvalidInputException e) {
            return e.getMessage();
        }
    }
}
