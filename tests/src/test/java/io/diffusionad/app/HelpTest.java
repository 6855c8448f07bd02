package io.diffusionad.app;

import io.diffusionad.app.command.RootCommand;
import io.diffusionad.app.console.Console;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HelpTest {
    /** "train", "data demo", …: every command there is. */
    static List<String> commands() {
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()), false);
        List<String> names = new ArrayList<>();
        collect(new CommandLine(new RootCommand(console), new ConsoleFactory(console)), "", names);
        return names;
    }

    private static void collect(CommandLine line, String prefix, List<String> names) {
        line.getSubcommands().forEach((name, subcommand) -> {
            names.add(prefix + name);
            collect(subcommand, prefix + name + " ", names);
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandExplainsItselfWithExamples(String command) {
        List<Object> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.add("--help");
        Program program = Program.run(arguments.toArray()).succeeds();
        assertTrue(program.out().contains("Usage: diffusionad " + command), program.out());
        assertTrue(program.out().contains("Example"), program.out());
        assertEquals("", program.err());
    }

    @Test
    void withoutACommandTheProgramPrintsItsHelp() {
        assertTrue(Program.run().succeeds().out().contains("Begin with:"));
    }

    @Test
    void aMistypedCommandIsRefusedWithASuggestion() {
        Program program = Program.run("inffo").isRefusedNaming("inffo");
        assertTrue(program.err().contains("diffusionad info"), program.err());
    }

    @Test
    void anUnknownOptionIsRefused() {
        Program.run("info", "--fast").isRefusedNaming("--fast");
    }

    @Test
    void theVersionIsTheOneThatMavenBuilt() {
        assertTrue(Program.run("--version").succeeds().out().matches("diffusionad \\d+\\.\\d+\\.\\d+, Java .*\\R"));
    }

    @Test
    void infoListsTheCpu() {
        assertTrue(Program.run("info").succeeds().out().contains("\ncpu: "));
        assertTrue(Program.run("info", "--json").succeeds().out().contains("\"kind\" : \"cpu\""));
    }
}
