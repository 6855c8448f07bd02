package io.diffusionad.app.command;

import io.diffusionad.app.console.Console;
import io.diffusionad.app.fetch.PublishedDataset;
import io.diffusionad.error.InvalidInputException;

/** Shows a license and has it accepted: by an option, or by a "yes" on a terminal. */
final class LicenseQuestion {
    private final Console console;
    private final java.io.Console terminal;

    /** @param terminal where the answer is typed, or null when nobody sits there */
    LicenseQuestion(Console console, java.io.Console terminal) {
        this.console = console;
        this.terminal = terminal;
    }

    /** @throws InvalidInputException when it is not accepted */
    void ask(PublishedDataset dataset, boolean accepted) {
        console.err()
                .printf(
                        "%s%nlicense: %s. %s%npublisher: %s%n",
                        dataset.title(), dataset.license(), dataset.terms(), dataset.page());
        console.err().flush();
        if (accepted) {
            return;
        }
        String answer = null;
        if (terminal != null) {
            console.err().print("do you accept this license? (yes/no) ");
            console.err().flush();
            answer = terminal.readLine();
        }
        if (answer == null || !answer.trim().equalsIgnoreCase("yes")) {
            throw new InvalidInputException("the license of " + dataset.name() + " was not accepted: read it on "
                    + dataset.page() + " and add --accept-license");
        }
    }
}
