package io.diffusionad.app.fetch;

/**
 * A data set as its publisher offers it. Fields that nobody publishes are null, never guessed.
 *
 * @param name what {@code data fetch} calls it, and the folder it is unpacked into
 * @param title what it is, in a line
 * @param page the publisher's page
 * @param access how its archive is had
 * @param url of the archive; null unless {@link Access#DIRECT}
 * @param archive file name of the archive; null when there are several
 * @param bytes size of the archive, for display; 0 when unknown
 * @param sha256 of the archive in lower-case hexadecimal, or null
 * @param license its short name
 * @param terms what it allows, in a sentence or two
 * @param note what else to know on the way to the archive, or null
 */
public record PublishedDataset(
        String name,
        String title,
        String page,
        Access access,
        String url,
        String archive,
        long bytes,
        String sha256,
        String license,
        String terms,
        String note) {
    /** How an archive is had. */
    public enum Access {
        /** The publisher gives an address that needs no browser. */
        DIRECT,
        /** The publisher's page asks for an e-mail address and consent, and answers with an address. */
        FORM,
        /** Only a browser or a letter to the authors leads to it. */
        PAGE
    }

    /** Where to go and what to do then, for a data set without an address of its own. */
    public String instructions() {
        String way = access == Access.FORM
                ? " is given out by a form on " + page + ": fill it in, then"
                : " has no address that needs no browser: go to " + page + ", then";
        return title.replaceFirst(":.*", "") + way + " run 'data fetch " + name
                + "' again with --url ADDRESS, or with --archive FILE for what the "
                + "browser stored"
                + (note == null ? "" : ". " + note.replaceFirst("\\.$", ""));
    }
}
