/** The REST routes of datasets. */
@NullMarked
package io.espalier.controlplane.dataset.web;

import org.jspecify.annotations.NullMarked;
