package io.diffusionad.io;

/**
 * Stands for a Python object that is not rebuilt, such as a NumPy scalar or a path: only its class is known, and
 * nothing of it is run. It never takes the place of a tensor. Equal to itself only.
 */
final class OpaqueObject {
    private final String className;

    /** @param className with its module, as the pickle names it */
    OpaqueObject(String className) {
        this.className = className;
    }

    String className() {
        return className;
    }

    @Override
    public String toString() {
        return "an object of " + className;
    }
}
