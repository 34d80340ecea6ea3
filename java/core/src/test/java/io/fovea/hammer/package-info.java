/** Misuse of the public API, as programs of their own: what goes wrong there must end in exceptions, never in the JVM. */
package io.fovea.hammer;
