/** What a team can choose from, tasks and base models, and what it chose: its products. */
@NullMarked
package io.espalier.controlplane.catalog;

import org.jspecify.annotations.NullMarked;
