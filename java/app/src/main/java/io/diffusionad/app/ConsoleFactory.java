package io.diffusionad.app;

import io.diffusionad.app.console.Console;
import picocli.CommandLine;

import java.lang.reflect.Constructor;

/** Creates command objects: those whose constructor takes a {@link Console} get the one of this invocation. */
final class ConsoleFactory implements CommandLine.IFactory {
    private final Console console;
    private final CommandLine.IFactory fallback = CommandLine.defaultFactory();

    ConsoleFactory(Console console) {
        this.console = console;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            Class<?>[] parameters = constructor.getParameterTypes();
            if (parameters.length == 1 && parameters[0] == Console.class) {
                constructor.setAccessible(true);
                return type.cast(constructor.newInstance(console));
            }
        }
        return fallback.create(type);
    }
}
