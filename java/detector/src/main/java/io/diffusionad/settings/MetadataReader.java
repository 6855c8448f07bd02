package io.diffusionad.settings;

import io.diffusionad.error.InvalidInputException;

import java.util.Map;

/** Reads entries of a checkpoint's metadata. @param file what messages call the checkpoint */
record MetadataReader(Map<String, String> metadata, String file) {
    /** Before the name of every entry of ours. */
    static final String PREFIX = "diffusionad.";

    boolean has(String key) {
        return metadata.containsKey(PREFIX + key);
    }

    String text(String key) {
        String value = metadata.get(PREFIX + key);
        if (value == null) {
            throw new InvalidInputException(file + " is no checkpoint of this program: its metadata has no '" + PREFIX
                    + key + "'; give a file that train wrote");
        }
        return value;
    }

    long integer(String key) {
        try {
            return Long.parseLong(text(key));
        } catch (NumberFormatException e) {
            throw damaged(key, e);
        }
    }

    double number(String key) {
        try {
            return Double.parseDouble(text(key));
        } catch (NumberFormatException e) {
            throw damaged(key, e);
        }
    }

    InvalidInputException damaged(String key, Exception cause) {
        return new InvalidInputException(
                file + " is damaged: its metadata '" + PREFIX + key + "' is '" + text(key) + "'; copy the file again",
                cause);
    }
}
