package io.diffusionad.app.fetch;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.diffusionad.error.InvalidInputException;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Collectors;

/** The data sets that {@code data fetch} knows: {@code datasets.json} beside this class. */
public final class Catalogue {
    private static final String RESOURCE = "datasets.json";

    private Catalogue() {}

    /** All, in the order of the file. */
    public static List<PublishedDataset> all() {
        try (InputStream in = Catalogue.class.getResourceAsStream(RESOURCE)) {
            return List.of(JsonMapper.builder()
                    .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build()
                    .readValue(in, PublishedDataset[].class));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE + " of the program's jar", e);
        }
    }

    /** @throws InvalidInputException if there is none of that name, naming those there are */
    public static PublishedDataset find(String name) {
        List<PublishedDataset> all = all();
        return all.stream()
                .filter(dataset -> dataset.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(
                        () -> new InvalidInputException("there is no data set '" + name + "' to fetch; choose one of "
                                + all.stream().map(PublishedDataset::name).collect(Collectors.joining(", "))));
    }
}
