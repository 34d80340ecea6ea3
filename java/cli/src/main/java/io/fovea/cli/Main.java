package io.fovea.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program behind {@code ./fovea}. */
@Command(name = "fovea", mixinStandardHelpOptions = true, version = "Fovea 0.1.0", usageHelpAutoWidth = true, //
        description = "Finds objects in photos with SSD-style detectors, on the JVM.", //
        exitCodeListHeading = "%nExit codes:%n", //
        exitCodeList = {"0:all went well", "1:some inputs failed; one line each on standard error", "2:wrong usage"}, //
        subcommands = {DetectCommand.class, ModelsCommand.class, ExportCommand.class, InspectCommand.class,
                ProfileCommand.class, ExplainCommand.class, EvalCommand.class, PruneCommand.class, SliceCommand.class,
                OveranchorizeCommand.class, CalibrateCommand.class})
public final class Main implements Runnable {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Print stack traces of errors.")
    private boolean debug;

    @Spec
    private CommandSpec spec;

    private Main() {
    }

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] args) {
        StandardError.giveBack();
        StandardOutput stdout = new StandardOutput();
        PrintWriter out = new PrintWriter(stdout, false, charset("stdout.encoding"));
        PrintWriter err = new PrintWriter(System.err, true, charset("stderr.encoding"));
        int code = run(out, err, args);
        out.flush();
        if (stdout.complaint() != null) {
            err.println("fovea: " + stdout.complaint());
            code = CommandLine.ExitCode.SOFTWARE;
        }
        err.flush();
        System.exit(code);
    }

    /**
     * Runs the program inside this JVM.
     *
     * @param out standard output
     * @param err standard error
     * @param args arguments
     * @return the exit code
     */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = commandLine().setOut(out).setErr(err);
        int code = line.execute(args);
        out.flush();
        err.flush();
        return code;
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        for (Subcommand command : ServiceLoader.load(Subcommand.class)) {
            CommandLine own = new CommandLine(command);
            command.configure(own);
            line.addSubcommand(own);
        }
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Main::wrongUsage);
        line.setExecutionExceptionHandler(Main::failed);
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed: detect, models, export, inspect ...");
    }

    private static Charset charset(String property) {
        String name = System.getProperty(property);
        return name == null ? StandardCharsets.UTF_8 : Charset.forName(name);
    }

    private static int wrongUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr().println("fovea: " + Lines.one(e.getMessage()));
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " -h' for help.");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        if (e instanceof PipeClosed) {
            return CommandLine.ExitCode.OK;
        }
        command.getErr().println("fovea: " + Lines.message(e));
        if (debug(command)) {
            e.printStackTrace(command.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    static boolean debug(CommandLine command) {
        CommandLine top = command;
        while (top.getParent() != null) {
            top = top.getParent();
        }
        return top.getCommandSpec().userObject() instanceof Main main && main.debug;
    }
}
