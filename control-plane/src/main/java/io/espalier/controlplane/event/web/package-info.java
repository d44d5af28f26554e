/** The REST routes of events, those of the other processes included. */
@NullMarked
package io.espalier.controlplane.event.web;

import org.jspecify.annotations.NullMarked;
