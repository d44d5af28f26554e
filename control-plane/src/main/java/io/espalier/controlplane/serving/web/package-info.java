/** The REST routes of serving, those of the other processes included. */
@NullMarked
package io.espalier.controlplane.serving.web;

import org.jspecify.annotations.NullMarked;
