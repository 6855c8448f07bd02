package io.diffusionad.app.console;

/** Progress as plain lines, for files and pipes: after one second, then at growing intervals up to half a minute. */
final class LineProgress implements Progress {
    private static final double FIRST_SECONDS = 1;
    private static final double LONGEST_INTERVAL_SECONDS = 30;

    private final Console console;
    private final String task;
    private final String unit;
    private final long start = System.nanoTime();
    private long total;
    private long first;
    private double nextLine = FIRST_SECONDS;
    private String words = "";

    LineProgress(Console console, String task, String unit, long total) {
        this.console = console;
        this.task = task;
        this.unit = unit;
        this.total = total;
    }

    @Override
    public void resumeAt(long done) {
        first = done;
    }

    @Override
    public void at(long done) {
        double elapsed = (System.nanoTime() - start) * 1e-9;
        if (elapsed < nextLine) {
            return;
        }
        nextLine = elapsed + Math.min(LONGEST_INTERVAL_SECONDS, elapsed);
        double rate = (done - first) / elapsed;
        String left = rate > 0 ? ", " + Units.duration((total - done) / rate) + " left" : "";
        console.note(
                "%s: %d of %d %ss, %s%s%s",
                task, done, total, unit, Units.rate(rate, unit), left, words.isEmpty() ? "" : ", " + words);
    }

    @Override
    public void total(long items) {
        total = items;
    }

    @Override
    public void note(String text) {
        words = text;
    }

    @Override
    public void close() {
        // The last line stands; the task's own result follows it.
    }
}
