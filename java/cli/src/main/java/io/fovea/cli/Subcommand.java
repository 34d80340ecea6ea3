package io.fovea.cli;

import java.util.concurrent.Callable;

/**
 * A command of another module that {@link Main} offers beside its own; found by {@link java.util.ServiceLoader}. The class
 * carries picocli's {@code @Command} and a public constructor without parameters; its result is the exit code.
 */
public interface Subcommand extends Callable<Integer> {
}
