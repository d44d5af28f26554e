package io.espalier.training.data;

import io.espalier.modelkit.task.ExampleReader.RowResult.Example;

/** Inputs are texts. */
record TextContent() implements Content {
    @Override
    public boolean keepsRepeats() {
        return false;
    }

    @Override
    public Facts factsOf(Example example) {
        String text = example.input().asString();
        return new Facts(text.codePointCount(0, text.length()), TokenEstimate.of(text), Languages.detect(text));
    }

    @Override
    public String shown(String input) {
        return input.substring(1).replaceAll("\"$", "");
    }
}
