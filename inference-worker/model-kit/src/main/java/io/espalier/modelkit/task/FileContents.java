package io.espalier.modelkit.task;

/** The files that a dataset's cells stand for, such as images in an archive. */
public interface FileContents {
    /** A file of a dataset. @param name as the user knows it: {@code cats/12.jpg} */
    record NamedFile(String name, byte[] bytes) {}

    /**
     * Reads a file.
     *
     * @param cell of a column whose role holds files
     */
    NamedFile read(String cell);
}
