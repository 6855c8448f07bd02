package io.diffusionad.app.console;

/** Progress that {@code --quiet} asked not to see. */
final class SilentProgress implements Progress {
    @Override
    public void resumeAt(long done) {
        // Quiet by request.
    }

    @Override
    public void at(long done) {
        // Quiet by request.
    }

    @Override
    public void total(long items) {
        // Quiet by request.
    }

    @Override
    public void note(String words) {
        // Quiet by request.
    }

    @Override
    public void close() {
        // Nothing is shown, so nothing ends.
    }
}
