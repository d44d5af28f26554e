/** The REST routes of training jobs and model versions, and the workers' way to report progress. */
@NullMarked
package io.espalier.controlplane.training.web;

import org.jspecify.annotations.NullMarked;
