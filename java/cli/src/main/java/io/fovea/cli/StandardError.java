package io.fovea.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The launcher starts the JVM with standard error closed, because the JVM prints a warning about its incubator module at every
 * start, and hands the real one over as another file descriptor. Here it is put back in its place.
 */
final class StandardError {
    private StandardError() {
    }

    static void giveBack() {
        Integer kept = Integer.getInteger("fovea.stderr");
        if (kept == null) {
            return;
        }
        try {
            Linker linker = Linker.nativeLinker();
            MethodHandle dup2 = linker.downcallHandle(linker.defaultLookup().findOrThrow("dup2"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            if ((int) dup2.invokeExact((int) kept, 2) != 2) {
                System.out.println("fovea: standard error could not be opened");
            }
        } catch (Throwable e) {
            System.out.println("fovea: standard error could not be opened: " + e.getMessage());
        }
    }
}
