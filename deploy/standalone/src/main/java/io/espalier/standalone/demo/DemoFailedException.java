package io.espalier.standalone.demo;

/** A step of the demo did not work; the message says which and why. */
public final class DemoFailedException extends RuntimeException {
    DemoFailedException(String message) {
        super(message);
    }
}
