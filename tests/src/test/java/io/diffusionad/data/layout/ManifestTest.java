package io.diffusionad.data.layout;

import io.diffusionad.data.Category;
import io.diffusionad.data.Dataset;
import io.diffusionad.data.TestImage;
import io.diffusionad.error.InvalidInputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Data sets told by a table. */
class ManifestTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(folder.resolve("in"));
        for (String name : new String[] {"a.png", "b.png", "c, d.png", "in/e.png", "in/f.png", "m1.png", "m2.png"}) {
            Files.createFile(folder.resolve(name));
        }
    }

    private Dataset open(String name, String text) throws IOException {
        return Dataset.open(Files.writeString(folder.resolve(name), text));
    }

    private void assertMistake(String name, String text, String... words) {
        String message = assertThrows(
                        InvalidInputException.class, () -> open(name, text).onlyCategory())
                .getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), "'" + word + "' is missing in: " + message);
        }
        assertTrue(message.contains(name) && message.lines().count() == 1, message);
    }

    private void assertParts(Category category) {
        assertEquals("parts", category.name());
        assertEquals("manifest", category.layout().title());
        assertEquals(List.of(folder.resolve("a.png"), folder.resolve("c, d.png")), category.train());
        assertEquals(List.of(folder.resolve("b.png")), category.validation());
        assertEquals(
                List.of(
                        new TestImage(folder.resolve("in/f.png"), "good", false, List.of()),
                        new TestImage(
                                folder.resolve("in/e.png"),
                                "scratch",
                                true,
                                List.of(folder.resolve("m1.png"), folder.resolve("m2.png")))),
                category.test());
        assertEquals(category, Dataset.open(category.folder()).category(category.name()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file,split,kind,mask\r\n\"c, d.png\",train,,\r\na.png,Train,good,\r\nb.png,val,OK,\r\n\r\nin/e.png,test,scratch,m1.png; "
                        + "m2.png\r\nin/f.png,test,Normal,\r\n",
                "\uFEFFSplit;_note;File;Kind;Mask\ntrain;x;a.png;;\ntrain;;c, d.png;;\nvalidation;;b.png;;\ntest;;in/e.png;scratch;\"m1.png;m2.png\"\ntest;;in/f.png;;",
                "file\tsplit\tkind\tmask\na.png\ttrain\t\t\nc, d.png\ttrain\t\t\nb.png\tval\t\t\nin/e.png\ttest\tscratch\tm1.png;m2.png\nin/f.png\ttest\tgood\t\n"
            })
    void tablesWithEveryDelimiter(String text) throws IOException {
        assertParts(open("parts.csv", text).onlyCategory());
    }

    @Test
    void linesOfJson() throws IOException {
        assertParts(open(
                        "parts.jsonl",
                        "{\"file\":\"a.png\",\"split\":\"train\"}\n\n{\"split\":\"train\",\"file\":\"c, d.png\",\"mask\":null,\"_camera\":3}\n"
                                + "{\"file\":\"b.png\",\"split\":\"val\",\"kind\":\"good\",\"mask\":[]}\n"
                                + "{\"file\":\"in/e.png\",\"split\":\"test\",\"kind\":\"scratch\",\"mask\":[\"m1.png\",\"m2.png\"]}\n"
                                + "{\"file\":\"in/f.png\",\"split\":\"test\"}")
                .onlyCategory());
    }

    @Test
    void severalCategories() throws IOException {
        Dataset dataset = open("all.csv", "file,split,category\na.png,train,x\nb.png,train,y\nin/e.png,test,x\n");
        assertEquals(List.of("x", "y"), dataset.categoryNames());
        assertEquals(List.of(folder.resolve("b.png")), dataset.category("y").train());
        assertEquals(1, dataset.category("x").test().size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.png,train,,|no.png,train,,|line 3|no.png|manifest's folder",
                "a.png,train,,|b.png,training,,|line 3|training|train, validation or test",
                "a.png,train,,|b.png,,,|line 3|'split' is empty|:",
                "a.png,train,,|b.png,train,scratch,|line 3|scratch|only good ones",
                "a.png,train,,|b.png,test,good,m1.png|line 3|a good picture has a mask|kind",
                "a.png,train,,|a.png,test,,|line 3|line 2|a.png",
                "a.png,train,,|in/../a.png,test,,|line 3|line 2|a.png",
                "a.png,train,,|b.png,test,../up,|line 3|../up|kind",
                "a.png,train,,|b.png,test,x,m1.png;no.png|line 3|no mask|no.png",
                "a.png,train,,|b.png,test|line 3|2 cells|4 columns",
                "a.png,train,,|b.png,te\"st\"x,,|line 3|split|train",
            })
    void mistakesNameTheirLine(String first, String second, String one, String two, String three) {
        assertMistake("m.csv", "file,split,kind,mask\n" + first + "\n" + second + "\n", one, two, three);
    }

    @Test
    void mistakesOfTheWholeFile() throws IOException {
        assertMistake("m.csv", "file,split,masks\na.png,train,\n", "line 1", "'masks'", "underscore");
        assertMistake("m.csv", "picture,split\na.png,train\n", "line 1", "'picture'");
        assertMistake("m.csv", "file,kind\na.png,good\n", "line 1", "no column 'split'");
        assertMistake("m.csv", "file,split,file\na.png,train,b.png\n", "line 1", "'file' comes twice");
        assertMistake("m.csv", "file,split\n", "names no picture");
        assertMistake("m.csv", "", "names no picture");
        assertMistake("m.csv", "file,split\n\"a.png,train\n", "line", "no CSV");
        assertMistake("m.jsonl", "{\"file\":\"a.png\",\"split\":\"train\"}\n{\"file\":", "line 2", "no JSON");
        assertMistake("m.jsonl", "[1]", "line 1", "no JSON object");
        assertMistake("m.jsonl", "{\"file\":3,\"split\":\"train\"}", "line 1", "'file' is no text");
        assertMistake("m.jsonl", "{\"file\":\"a.png\",\"split\":\"train\",\"file\":\"b.png\"}", "line 1");
        Files.write(folder.resolve("l.csv"), "file,split\nö.png,train\n".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(assertThrows(InvalidInputException.class, () -> Dataset.open(folder.resolve("l.csv")))
                .getMessage()
                .contains("UTF-8"));
        assertMistake("only.csv", "file,split\na.png,test\n", "no good images to train on");
    }
}
