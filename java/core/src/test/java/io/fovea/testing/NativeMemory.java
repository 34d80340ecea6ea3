package io.fovea.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/** What the process holds from the C library's allocator, where that is glibc. */
public final class NativeMemory {
    /** Of {@code struct mallinfo2}: bytes in use in heaps, and bytes in mapped regions. */
    private static final int IN_USE = 7;
    private static final int MAPPED = 4;

    private NativeMemory() {
    }

    /** Returns the bytes in use; empty where the C library does not tell. */
    public static OptionalLong bytes() {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function = linker.defaultLookup().find("mallinfo2");
        if (function.isEmpty() || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            return OptionalLong.empty();
        }
        MemoryLayout[] fields = new MemoryLayout[10];
        Arrays.fill(fields, ValueLayout.JAVA_LONG);
        MethodHandle call = linker.downcallHandle(function.get(),
                FunctionDescriptor.of(MemoryLayout.structLayout(fields)));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = (MemorySegment) call.invokeExact((SegmentAllocator) arena);
            return OptionalLong.of(info.getAtIndex(ValueLayout.JAVA_LONG, IN_USE)
                    + info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED));
        } catch (Throwable e) {
            throw new IllegalStateException("mallinfo2 failed: " + e, e);
        }
    }
}
