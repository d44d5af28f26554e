/** The migrations, tried; and the database server that tests of every module use. */
@NullMarked
package io.espalier.migrations;

import org.jspecify.annotations.NullMarked;
