/**
 * Datasets, their versions and parts: from upload to the report of the inspection. Knows nothing of training jobs; who uses
 * a version says so through {@link io.espalier.controlplane.dataset.DatasetVersions} and may refuse its deletion by
 * listening to {@link io.espalier.controlplane.dataset.DatasetVersionsDeleted}.
 */
@NullMarked
package io.espalier.controlplane.dataset;

import org.jspecify.annotations.NullMarked;
