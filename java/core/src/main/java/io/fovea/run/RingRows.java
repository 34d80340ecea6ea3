package io.fovea.run;

import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import io.fovea.sites.Background;
import io.fovea.sites.Periphery;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Makes the edge rows of a value whose inactive sites form a ring, right before a step reads them, in one of a few buffers. Belongs to one
 * workspace.
 */
final class RingRows implements RowKernel {
    private static final RowUnits UNITS = new RowUnits(16);
    private final Arena arena;
    private final MemorySegment[] buffers;
    private MemorySegment target;
    private Background background;
    private Periphery periphery;
    private String value;
    private MemorySegment source;
    private boolean sourcePerSite;
    private SiteSet sites;
    private int channels;
    private long macs;

    RingRows(Arena arena, int count) {
        this.arena = arena;
        this.buffers = new MemorySegment[count];
        Arrays.fill(buffers, MemorySegment.NULL);
    }

    /** Takes what the next runs read; the background serves values that the periphery does not have. */
    void bind(Background base, Periphery rows) {
        background = base;
        periphery = rows;
        macs = 0;
    }

    /** Returns the multiply-accumulates that the rows have taken since they were bound. */
    long macs() {
        return macs;
    }

    /** Returns a buffer of at least so many floats; an old one is left behind when it was smaller, so sizes double. */
    MemorySegment reserve(int number, long floats) {
        long old = buffers[number].byteSize();
        if (old < 4 * floats) {
            buffers[number] = arena.allocate(Math.max(4 * floats, 2 * old) + 64, 64);
        }
        return buffers[number];
    }

    /** Names the value whose rows {@link #run} makes, and the buffer that they go to. */
    void aim(String name, SiteSet on, int width, MemorySegment buffer) {
        value = name;
        sites = on;
        channels = width;
        target = buffer;
        boolean own = periphery.values().contains(name);
        if (own) {
            macs += periphery.prepare(name, on);
        }
        source = own ? null : background.edgeRows(name);
        sourcePerSite = background.perSite();
        buffer.asSlice(0, 4L * width).fill((byte) 0);
    }

    @Override
    public String name() {
        return "ring";
    }

    @Override
    public int units(Operands operands) {
        return UNITS.count(sites.ringCount());
    }

    @Override
    public void run(Operands operands, int from, int to, Scratch scratch) {
        int first = UNITS.start(from, sites.ringCount());
        int end = UNITS.start(to, sites.ringCount());
        if (source == null) {
            periphery.fill(value, sites, first, end, target);
            return;
        }
        long row = 4L * channels;
        for (int k = first; k < end; k++) {
            MemorySegment.copy(source, row * (sourcePerSite ? 1 + sites.ringPosition(k) : 1), target, row * (1 + k),
                    row);
        }
    }
}
