package io.diffusionad.data.layout;

import io.diffusionad.data.DatasetLayout;

import java.util.List;

/** Every layout that is read, in the order in which a folder is tried: those with the most particular marks first. */
public final class Layouts {
    private static final List<DatasetLayout> ALL = List.of(
            new ManifestLayout(),
            new RealIadLayout(),
            new VisaLayout(),
            new LocoLayout(),
            new Mvtec2Layout(),
            new DagmLayout(),
            new Kolektor2Layout(),
            new KolektorLayout(),
            new MagneticTileLayout(),
            new VadLayout(),
            new BtadLayout(),
            new MvtecLayout(),
            new PlainFolderLayout());

    private Layouts() {}

    public static List<DatasetLayout> all() {
        return ALL;
    }
}
