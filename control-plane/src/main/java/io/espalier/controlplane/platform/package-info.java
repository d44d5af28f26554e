/**
 * What every feature stands on: the tenant of the current work and its binding to transactions, ids, pages, problems, and
 * the deletion of objects. Knows no feature.
 */
@NullMarked
package io.espalier.controlplane.platform;

import org.jspecify.annotations.NullMarked;
