/** The REST routes of tenancy, and the chain of filters that every route of the control plane stands behind. */
@NullMarked
package io.espalier.controlplane.tenancy.web;

import org.jspecify.annotations.NullMarked;
