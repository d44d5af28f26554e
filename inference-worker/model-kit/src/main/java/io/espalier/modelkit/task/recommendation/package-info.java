/** Recommendation at serving time: the catalog, users' histories, the request and the answer, and how a ranking is measured. */
@NullMarked
package io.espalier.modelkit.task.recommendation;

import org.jspecify.annotations.NullMarked;
