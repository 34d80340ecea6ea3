package io.fovea.bench;

import io.fovea.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/** Runs commands in this JVM and keeps what they print. */
public final class CommandRun {
    /** What they print. */
    public final StringWriter out = new StringWriter();
    /** What they complain about. */
    public final StringWriter err = new StringWriter();

    /** Runs a command and returns its exit code. */
    public int run(Object... args) {
        return Main.run(new PrintWriter(out), new PrintWriter(err),
                Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
    }
}
