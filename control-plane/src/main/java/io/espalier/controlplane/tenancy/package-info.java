/** Tenants, their members and sessions, and API keys: who is calling, and which tenant's data that opens. */
@NullMarked
package io.espalier.controlplane.tenancy;

import org.jspecify.annotations.NullMarked;
