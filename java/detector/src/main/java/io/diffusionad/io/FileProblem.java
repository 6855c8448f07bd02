package io.diffusionad.io;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What went wrong with a file, in words for people. Thread-safe. */
public final class FileProblem {
    private static final Pattern FULL = Pattern.compile("(?i)no space left|disk quota exceeded|not enough space");

    private FileProblem() {}

    /**
     * The same problem with the file that the user knows: a channel that runs out of disk space does not say what it
     * wrote, and a temporary file's name means nothing.
     */
    public static IOException naming(Path file, IOException problem) {
        if (problem instanceof InvalidFileException) {
            return problem;
        }
        IOException named = problem instanceof AccessDeniedException
                ? new AccessDeniedException(file.toString())
                : problem instanceof NoSuchFileException
                        ? new NoSuchFileException(file.toString())
                        : new FileSystemException(file.toString(), null, detail(problem));
        named.initCause(problem);
        return named;
    }

    /** Whether the disk, or the user's share of it, has no room left. */
    public static boolean isFullDisk(Throwable problem) {
        return problem instanceof IOException
                && problem.getMessage() != null
                && FULL.matcher(problem.getMessage()).find();
    }

    /** What happened and the way out, without the file's name. */
    public static String reason(IOException problem) {
        if (isFullDisk(problem)) {
            return "the disk is full; free some space, or choose a place on another disk";
        }
        if (problem instanceof AccessDeniedException) {
            return "no permission; choose another place or change its rights";
        }
        if (problem instanceof NoSuchFileException) {
            return "its folder does not exist; check the path";
        }
        if (problem instanceof FileAlreadyExistsException) {
            return "a file is where a folder is needed; choose another path";
        }
        if (problem instanceof NotDirectoryException) {
            return "a part of the path is no folder; choose another path";
        }
        return detail(problem) + "; choose another path or mend that one";
    }

    /** What happened, to which file, and the way out. */
    public static String sentence(IOException e) {
        if (e instanceof InvalidFileException) {
            return e.getMessage();
        }
        if (isFullDisk(e)) {
            return e instanceof FileSystemException fs ? fs.getFile() + " cannot be written: " + reason(e) : reason(e);
        }
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return "there is no file or folder " + e.getMessage() + ": check the path";
        }
        if (e instanceof AccessDeniedException) {
            return "no permission for " + e.getMessage() + ": choose another place or change its rights";
        }
        if (e instanceof NotDirectoryException) {
            return e.getMessage() + " is not a folder: choose another path";
        }
        if (e instanceof FileAlreadyExistsException) {
            return e.getMessage() + " is a file where a folder is needed: choose another path";
        }
        if (e instanceof FileSystemException fs && fs.getReason() != null) {
            return fs.getFile() + ": " + reason(e);
        }
        return "a file could not be read or written: " + e.getMessage();
    }

    private static String detail(IOException problem) {
        if (problem instanceof FileSystemException system && system.getReason() != null) {
            return system.getReason();
        }
        return problem.getMessage() == null ? problem.getClass().getSimpleName() : problem.getMessage();
    }
}
