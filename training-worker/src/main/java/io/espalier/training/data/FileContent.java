package io.espalier.training.data;

import io.espalier.modelkit.task.ExampleReader.RowResult.Example;
import java.util.Base64;
import tools.jackson.databind.json.JsonMapper;

/** Inputs are files: cells of {@link Blobs} until they are written, in base64. */
record FileContent(Blobs blobs) implements Content {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Facts NONE = new Facts(0, 1, null);

    @Override
    public boolean keepsRepeats() {
        return false;
    }

    @Override
    public Facts factsOf(Example example) {
        return NONE;
    }

    @Override
    public String written(String input) {
        return '"' + Base64.getEncoder().encodeToString(blobs.read(cell(input)).bytes()) + '"';
    }

    @Override
    public long bytes(String input) {
        return Blobs.bytes(cell(input));
    }

    @Override
    public String fileName(String input) {
        return Blobs.name(cell(input));
    }

    /** The cell may be cut off within the name. */
    @Override
    public String shown(String input) {
        int name = input.indexOf(':', input.indexOf(':') + 1) + 1;
        return input.substring(name).replaceAll("\"$", "");
    }

    private static String cell(String input) {
        return JSON.readValue(input, String.class);
    }
}
