/** The process that answers predictions: it follows the route table, loads what is deployed, and serves it over HTTP. */
@NullMarked
package io.espalier.inference;

import org.jspecify.annotations.NullMarked;
