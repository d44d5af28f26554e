package io.espalier.contracts.job;

/** What a job hands over to be registered as a model version. */
public record TrainingOutcome(PreparedData data, TrainedModel trained, GateDecision gate, Evaluation evaluation) {}
