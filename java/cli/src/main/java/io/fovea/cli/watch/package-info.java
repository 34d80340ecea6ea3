/** {@code fovea watch}: a fixed camera's frames, of which only what changed is computed. */
package io.fovea.cli.watch;
