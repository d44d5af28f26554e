/**
 * What products are told while they serve: kept as rows, brought to the inference workers at once, and made part of datasets. What
 * an event says is the task's affair.
 */
@NullMarked
package io.espalier.controlplane.event;

import org.jspecify.annotations.NullMarked;
