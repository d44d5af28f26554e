/** The request and the answer that all tasks share: the envelope, its limits, and Hugging Face's shape of scores. */
@NullMarked
package io.espalier.modelkit.request;

import org.jspecify.annotations.NullMarked;
