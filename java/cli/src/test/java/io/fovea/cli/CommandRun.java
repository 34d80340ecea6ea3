package io.fovea.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command printed and returned. */
record CommandRun(int code, String out, String err) {

    static CommandRun of(Object... args) {
        String[] texts = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = String.valueOf(args[i]);
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out), new PrintWriter(err), texts);
        return new CommandRun(code, out.toString(), err.toString());
    }

    long errorLines() {
        return err.lines().count();
    }
}
