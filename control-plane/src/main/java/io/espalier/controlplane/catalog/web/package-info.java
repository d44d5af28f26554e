/** The REST routes of the catalog. */
@NullMarked
package io.espalier.controlplane.catalog.web;

import org.jspecify.annotations.NullMarked;
