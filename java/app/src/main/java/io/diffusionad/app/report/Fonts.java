package io.diffusionad.app.report;

import java.awt.GraphicsEnvironment;

/**
 * Whether Java can draw text here: a bare machine has no fonts, and then pictures go without captions and plots are
 * left out.
 */
public final class Fonts {
    private static final boolean AVAILABLE = probe();

    private Fonts() {}

    public static boolean available() {
        return AVAILABLE;
    }

    private static boolean probe() {
        try {
            return GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length > 0;
        } catch (LinkageError | RuntimeException | InternalError e) {
            return false; // the JDK fails in several ways without libfontconfig or without a font
        }
    }
}
