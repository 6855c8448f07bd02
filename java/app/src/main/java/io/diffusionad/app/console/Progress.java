package io.diffusionad.app.console;

/** How far a task is. Used by one thread; closing ends the display. */
public interface Progress extends AutoCloseable {
    /** Begins in the middle: rates count from here. */
    void resumeAt(long done);

    /** @param done items finished since the task began */
    void at(long done);

    /** Moves the end, for a task that is bounded by time. */
    void total(long items);

    /** A few words beside the numbers: the present loss, the file at hand. */
    void note(String words);

    @Override
    void close();
}
