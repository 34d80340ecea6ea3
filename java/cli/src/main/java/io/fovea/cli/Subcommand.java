package io.fovea.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;

/**
 * A command of another module that {@link Main} offers beside its own; found by {@link java.util.ServiceLoader}. The class
 * carries picocli's {@code @Command} and a public constructor without parameters; its result is the exit code.
 */
public interface Subcommand extends Callable<Integer> {

    /**
     * Sets how this command is parsed; called once before it joins the others.
     *
     * @param own the command by itself
     */
    default void configure(CommandLine own) {
    }
}
