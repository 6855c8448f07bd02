package io.diffusionad.settings;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.diffusionad.io.Json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a JSON object, each taken once by its name and type; what is missing, of another type or left over is
 * an error.
 */
final class JsonFields {
    private final Map<String, Object> left;

    private JsonFields(Object value, String what) throws JsonProcessingException {
        if (!(value instanceof Map<?, ?> fields)) {
            throw new JsonParseException(null, what + " is no object");
        }
        left = new LinkedHashMap<>();
        fields.forEach((name, field) -> left.put((String) name, field));
    }

    static JsonFields parse(String text) throws JsonProcessingException {
        return new JsonFields(Json.parse(text), "the text");
    }

    Iterable<String> names() {
        return List.copyOf(left.keySet());
    }

    boolean has(String name) {
        return left.containsKey(name);
    }

    JsonFields object(String name) throws JsonProcessingException {
        return new JsonFields(left.remove(name), name);
    }

    <E extends Enum<E>> E constant(String name, Class<E> type) throws JsonProcessingException {
        String text = take(name, String.class);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(text)) {
                return constant;
            }
        }
        throw new JsonParseException(null, name + " is " + text);
    }

    boolean flag(String name) throws JsonProcessingException {
        return take(name, Boolean.class);
    }

    int integer(String name) throws JsonProcessingException {
        return take(name, Integer.class);
    }

    double number(String name) throws JsonProcessingException {
        return take(name, Number.class).doubleValue();
    }

    List<Integer> integers(String name) throws JsonProcessingException {
        return elements(name, Integer.class);
    }

    List<Number> numbers(String name) throws JsonProcessingException {
        return elements(name, Number.class);
    }

    /** @throws JsonProcessingException when a field was not taken */
    void requireNoMore() throws JsonProcessingException {
        if (!left.isEmpty()) {
            throw new JsonParseException(null, left.keySet().iterator().next() + " is unknown");
        }
    }

    private <T> T take(String name, Class<T> type) throws JsonProcessingException {
        return cast(name, left.remove(name), type);
    }

    private <T> List<T> elements(String name, Class<T> type) throws JsonProcessingException {
        List<T> elements = new ArrayList<>();
        for (Object element : take(name, List.class)) {
            elements.add(cast(name, element, type));
        }
        return elements;
    }

    private static <T> T cast(String name, Object value, Class<T> type) throws JsonProcessingException {
        if (!type.isInstance(value)) {
            throw new JsonParseException(null, name + " is " + value + ", no " + type.getSimpleName());
        }
        return type.cast(value);
    }
}
