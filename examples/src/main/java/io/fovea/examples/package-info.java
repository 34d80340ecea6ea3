/** Programs that show how Fovea is used as a library. */
package io.fovea.examples;
