package io.diffusionad.app;

import io.diffusionad.app.command.RootCommand;
import io.diffusionad.app.console.Console;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the documentation, the help texts and the messages point to is there: options, files and headings. */
class DocumentationTest {
    private static final Path ROOT =
            Path.of(System.getProperty("root.dir", "..")).toAbsolutePath().normalize();
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-]|var\\()--[a-z][a-z0-9-]*");
    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+?) *$|<a (?:id|name)=\"([^\"]+)\"");

    private final Map<String, Set<String>> commands = commands();
    private final Set<String> general = Set.of("--help", "--version", "--debug", "--quiet");

    @Test
    void everyOptionThatThePagesNameExists() throws IOException {
        Set<String> known = new HashSet<>(everyOption());
        // Other programs of the repository: the benchmarks, and the scripts with their case labels.
        for (Path source : files(ROOT.resolve("benchmarks/src/main/java"), ".java")) {
            known.addAll(options(Files.readString(source)));
        }
        for (Path script : files(ROOT.resolve("scripts"), "")) {
            known.addAll(matches(Pattern.compile("--[a-z][a-z0-9-]*(?=\\))"), Files.readString(script)));
        }
        for (Path page : pages()) {
            Set<String> unknown = new TreeSet<>(options(Files.readString(page)));
            unknown.removeAll(known);
            assertEquals(Set.of(), unknown, page.toString());
        }
    }

    @Test
    void everyOptionBehindACommandOfAPageIsThatCommands() throws IOException {
        List<String> wrong = new ArrayList<>();
        int seen = 0;
        for (Path page : pages()) {
            String text = Files.readString(page).replace("\\\n", " ");
            List<String> codes = new ArrayList<>(matches(Pattern.compile("`([^`\n]+)`"), text));
            text.lines()
                    .filter(line -> line.strip().matches("(\\./)?diffusionad .*"))
                    .map(String::strip)
                    .forEach(codes::add);
            for (String code : codes) {
                seen += foreign(code.replaceFirst("^(\\./)?diffusionad ", ""), page, wrong);
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(seen > 20, "only " + seen + " options behind commands");
    }

    @Test
    void everyOptionThatMessagesAndHelpTextsNameExists() throws IOException {
        List<String> wrong = new ArrayList<>();
        Set<String> known = everyOption();
        int seen = 0;
        Pattern command = Pattern.compile("(?<![\\w-])(?:"
                + commands.keySet().stream()
                        .sorted((a, b) -> b.length() - a.length())
                        .map(Pattern::quote)
                        .collect(Collectors.joining("|"))
                + ") +(?:[A-Z]\\w* +)*--[^;:,()]*");
        for (String module : List.of("app", "verify", "detector", "compute", "cpu", "cuda")) {
            for (Path source : files(ROOT.resolve("java").resolve(module).resolve("src/main/java"), ".java")) {
                // Sentences go on over the lines of a source.
                String code = Files.readString(source)
                        .replaceAll("(?m)^ *(/\\*\\*|\\*|//).*$", "")
                        .replaceAll("\"\\s*\\+\\s*\"", "");
                for (String text : matches(QUOTED, code)) {
                    options(text).stream()
                            .filter(option -> !known.contains(option) && !option.equals("--archs"))
                            .forEach(option -> wrong.add(source + ": " + option));
                    Matcher matcher = command.matcher(text);
                    while (matcher.find()) {
                        seen += foreign(matcher.group(), source, wrong);
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(seen > 20, "only " + seen + " options behind commands");
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            String text = Files.readString(page).replaceAll("(?s)```.*?```", "");
            for (String link : matches(LINK, text)) {
                if (link.matches("[a-z]+:.*")) {
                    continue;
                }
                String[] parts = link.split("#", 2);
                Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
                if (!Files.exists(target)
                        || parts.length > 1 && !anchors(target).contains(parts[1])) {
                    broken.add(page + ": " + link);
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    /** Notes options that the command at the beginning of a line does not have. @return how many were looked at */
    private int foreign(String line, Path file, List<String> wrong) {
        String[] words = line.split("\\s+");
        String two = words.length > 1 ? words[0] + " " + words[1] : words[0];
        String command = commands.containsKey(two) ? two : words[0];
        if (!commands.containsKey(command)) {
            return 0;
        }
        String own = line.split("[|;&]", 2)[0];
        Set<String> named = options(own);
        named.stream()
                .filter(option -> !commands.get(command).contains(option) && !general.contains(option))
                .forEach(option -> wrong.add(file + ": " + command + " has no " + option));
        return named.size();
    }

    private Set<String> everyOption() {
        return Stream.concat(general.stream(), commands.values().stream().flatMap(Set::stream))
                .collect(Collectors.toSet());
    }

    private static Map<String, Set<String>> commands() {
        Console console = new Console(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()), false);
        Map<String, Set<String>> commands = new HashMap<>();
        collect(new CommandLine(new RootCommand(console), new ConsoleFactory(console)), "", commands);
        return commands;
    }

    private static void collect(CommandLine line, String prefix, Map<String, Set<String>> commands) {
        line.getSubcommands().forEach((name, command) -> {
            Set<String> options = new HashSet<>();
            command.getCommandSpec().options().forEach(option -> options.addAll(List.of(option.names())));
            commands.put(prefix + name, options);
            collect(command, prefix + name + " ", commands);
        });
    }

    private static Set<String> options(String text) {
        return new TreeSet<>(matches(OPTION, text));
    }

    /** The first group of every match, or the whole where there is none. */
    private static List<String> matches(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult result) -> result.groupCount() == 0 ? result.group() : result.group(1))
                .toList();
    }

    /** As GitHub names headings: lower case, without punctuation, with hyphens for spaces. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(result -> result.group(1) == null
                        ? result.group(2)
                        : result.group(1)
                                .toLowerCase(Locale.ROOT)
                                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                                .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        pages.add(ROOT.resolve("README.md"));
        return pages;
    }

    private static List<Path> files(Path folder, String end) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> found = files.filter(
                            file -> Files.isRegularFile(file) && file.toString().endsWith(end))
                    .sorted()
                    .toList();
            assertTrue(!found.isEmpty(), folder.toString());
            return found;
        }
    }
}
