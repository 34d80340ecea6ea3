package io.fovea.kernel.onednn;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Why the tier is not there, each in one line. */
class DnnlLibraryTest {

    private static void refuses(String part, Executable call) {
        String message = assertThrows(IllegalStateException.class, call).getMessage();
        assertTrue(message.contains(part) && !message.contains("\n"), message);
    }

    @Test
    void namesThePlatform() {
        assertEquals("linux-x86_64", DnnlLibrary.platform("Linux", "amd64"));
        assertEquals("linux-arm64", DnnlLibrary.platform("Linux", "aarch64"));
        refuses("Windows 11 on amd64", () -> DnnlLibrary.platform("Windows 11", "amd64"));
        refuses("Linux on riscv64", () -> DnnlLibrary.platform("Linux", "riscv64"));
        refuses("Mac OS X on aarch64", () -> DnnlLibrary.platform("Mac OS X", "aarch64"));
    }

    @Test
    void absentLibraryIsNamedWithItsArtifact() {
        ClassLoader nothing = new ClassLoader(null) {
        };
        refuses("add org.bytedeco:dnnl with the classifier linux-x86_64",
                () -> DnnlLibrary.find(nothing, "linux-x86_64"));
    }

    @Test
    void oldOrOtherLibcIsRefused() {
        refuses("glibc 2.34", () -> DnnlLibrary.checkLibc(Optional.of("2.31")));
        refuses("GNU C library", () -> DnnlLibrary.checkLibc(Optional.empty()));
        assertDoesNotThrow(() -> DnnlLibrary.checkLibc(Optional.of("2.34")));
        assertDoesNotThrow(() -> DnnlLibrary.checkLibc(Optional.of("2.40.9000")));
        assertDoesNotThrow(() -> DnnlLibrary.checkLibc(Optional.of("3.0")));
    }

    @Test
    void slowImplementationsAreRefused() {
        assertTrue(Program.isSlow("ref:any", false));
        assertTrue(Program.isSlow("gemm:ref", false));
        assertTrue(Program.isSlow("gemm:jit:f32", true));
        assertFalse(Program.isSlow("gemm:jit:f32", false));
        assertFalse(Program.isSlow("brg_matmul:avx512_core", false));
        assertFalse(Program.isSlow("brgconv:sve_128", true));
    }

    @Test
    void statusIsNamedWithItsFunction() {
        assertEquals("dnnl_primitive_execute: runtime error",
                new DnnlException("dnnl_primitive_execute", 5).getMessage());
        assertEquals("dnnl_x: status 99", new DnnlException("dnnl_x", 99).getMessage());
        assertTrue(new DnnlException("f", Dnnl.UNIMPLEMENTED).isRefusal());
        assertFalse(new DnnlException("f", 1).isRefusal());
    }
}
