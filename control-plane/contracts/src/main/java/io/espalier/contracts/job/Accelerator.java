package io.espalier.contracts.job;

/** What a training runs on. */
public enum Accelerator {
    CPU,
    CUDA
}
