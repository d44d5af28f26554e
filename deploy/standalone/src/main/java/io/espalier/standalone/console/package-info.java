/** What the user of the launcher sees. */
@NullMarked
package io.espalier.standalone.console;

import org.jspecify.annotations.NullMarked;
