/** The commands of {@code ./fovea}; {@link io.fovea.cli.Subcommand} is the door for commands of other modules. */
package io.fovea.cli;
