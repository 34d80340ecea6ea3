package io.fovea.kernel.onednn;

import io.fovea.kernel.Layer;
import io.fovea.kernel.Operands;
import io.fovea.kernel.RowKernel;
import io.fovea.kernel.RowUnits;
import io.fovea.kernel.Scratch;
import io.fovea.sites.SiteGrid;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A convolution: over the map itself where every site is active, over gathered rows elsewhere. What a map needs is made when the first
 * of its size comes.
 */
final class OneDnnConv implements RowKernel {
    private static final Logger LOG = System.getLogger("io.fovea.kernel");

    /** Size of an input map. */
    private record Size(int height, int width) {}

    private final Layer.Conv layer;
    private final Arena arena;
    private final RowWay rowWay;
    private final RowUnits units;
    private final Parameters parameters;
    private final Map<Size, Optional<MapWay>> mapWays = new ConcurrentHashMap<>();

    OneDnnConv(Layer.Conv layer, Arena arena) throws Refusal {
        this.layer = layer;
        this.arena = arena;
        this.rowWay = layer.isDepthwise() ? new DepthwiseWay(layer, arena) : new MatmulWay(layer, arena);
        this.units = new RowUnits(rowWay.blockRows());
        int taps = layer.window().taps();
        int kernelH = layer.window().kernelH();
        int kernelW = layer.window().kernelW();
        int in = layer.inChannels();
        int out = layer.outChannels();
        long[] dims = layer.isDepthwise()
                ? new long[]{out, 1, 1, kernelH, kernelW}
                : new long[]{out, in, kernelH, kernelW};
        long[] strides = layer.isDepthwise()
                ? new long[]{taps, taps, taps, kernelW, 1}
                : new long[]{(long) in * taps, taps, kernelW, 1};
        this.parameters = new Parameters(arena, layer::weights, dims, strides, layer.bias());
        LOG.log(Level.DEBUG, "oneDNN computes rows of {0} by {1}", name(), rowWay);
    }

    @Override
    public String name() {
        return layer.isDepthwise() ? "onednn/depthwise" : layer.isPointwise() ? "onednn/matmul" : "onednn/conv";
    }

    @Override
    public int units(Operands o) {
        MapWay map = mapWay(o);
        return map != null ? map.count() : units.count(o.outRows);
    }

    @Override
    public long scratchFloats(Operands o) {
        MapWay map = mapWay(o);
        return map != null ? map.scratchFloats() : rowWay.scratchFloats();
    }

    @Override
    public void run(Operands o, int from, int to, Scratch scratch) {
        o.check(layer.inChannels(), layer.inChannels(), layer.outChannels(),
                layer.residual() ? layer.outChannels() : 0);
        MapWay map = mapWay(o);
        Objects.checkFromToIndex(from, to, map != null ? map.count() : units.count(o.outRows));
        boolean direct = layer.isPointwise() && (o.table == null || isFull(o));
        if (direct && o.inRows != o.outRows || !direct && o.table == null) {
            throw new IndexOutOfBoundsException(
                    "no table for " + o.inRows + " -> " + o.outRows + " rows of " + layer.window());
        }
        for (int unit = from; unit < to; unit++) {
            if (map != null) {
                map.run(o, unit, scratch);
            } else {
                int row = units.start(unit, o.outRows);
                rowWay.run(o, row, units.start(unit + 1, o.outRows) - row, direct, scratch);
            }
        }
    }

    private static boolean isFull(Operands o) {
        return o.table.input().isFull() && o.table.output().isFull();
    }

    /** Returns the way over the whole map, or null when there is none for these sites. */
    private MapWay mapWay(Operands o) {
        if (o.table == null || layer.isPointwise() || !isFull(o)) {
            return null;
        }
        SiteGrid grid = o.table.input().grid();
        SiteGrid out = o.table.output().grid();
        if (!o.table.reach().equals(layer.window()) || out.height() != layer.window().outHeight(grid.height())
                || out.width() != layer.window().outWidth(grid.width())) {
            return null;
        }
        Size size = new Size(grid.height(), grid.width());
        Optional<MapWay> found = mapWays.get(size);
        return (found != null ? found : mapWays.computeIfAbsent(size, this::make)).orElse(null);
    }

    private Optional<MapWay> make(Size size) {
        try {
            MapWay map = new MapWay(layer, size.height, size.width, parameters, arena);
            LOG.log(Level.DEBUG, "oneDNN computes maps of {0}x{1} by {2}", size.height, size.width, map);
            return Optional.of(map);
        } catch (Refusal e) {
            LOG.log(Level.DEBUG, "oneDNN is not used for maps of {0}x{1}: {2}", size.height, size.width,
                    e.getMessage());
            return Optional.empty();
        }
    }
}
