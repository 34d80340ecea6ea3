package io.fovea.sites;

import io.fovea.graph.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The output sites of a table of stride 1 in tiles of m x m, for kernels that compute a tile at a time: every tile that holds an active
 * site, in row-major order, with the patch of input sites that a whole tile reads. Sites of a tile are as far apart as the window's taps
 * (its dilation), so a patch has (m + kernel - 1) sites each way. Mutable and reused; filled by its table.
 *
 * <p>Layouts: int32, tile by tile, row-major in the tile. Rows: m * m packed output rows, -1 for a site that is inactive or outside the
 * map. Patches: entries as in a {@link NeighbourTable}; they depend on the tile's place alone, not on which of its sites are active.
 */
public final class OutputTiles {
    private final int side;
    private final Window window;
    private final SiteSet input;
    private final SiteSet output;
    private final int patchHeight;
    private final int patchWidth;
    private final int[] tileOfColumn;
    private final int[] placeInTile;
    private final int[] numbers;
    private final int[] rows;
    private final int[] patches;
    private final MemorySegment rowData;
    private final MemorySegment patchData;
    private final int across;
    private int count;
    private long builtInput = -1;
    private long builtOutput = -1;

    OutputTiles(int side, Window window, SiteSet input, SiteSet output, Arena arena) {
        this.side = side;
        this.window = window;
        this.input = input;
        this.output = output;
        this.patchHeight = side + window.kernelH() - 1;
        this.patchWidth = side + window.kernelW() - 1;
        int width = output.grid().width();
        this.across = tiles(width, window.dilationW());
        this.tileOfColumn = new int[width];
        this.placeInTile = new int[width];
        for (int x = 0; x < width; x++) {
            tileOfColumn[x] = tile(x, window.dilationW());
            placeInTile[x] = x / window.dilationW() % side;
        }
        int most = across * tiles(output.grid().height(), window.dilationH());
        this.numbers = new int[most];
        this.rows = new int[Math.multiplyExact(most, side * side)];
        this.patches = new int[Math.multiplyExact(most, patchHeight * patchWidth)];
        this.rowData = arena.allocate(4L * rows.length, 64);
        this.patchData = arena.allocate(4L * patches.length, 64);
    }

    private int tile(int at, int dilation) {
        return at / dilation / side * dilation + at % dilation;
    }

    private int tiles(int length, int dilation) {
        return (length + dilation * side - 1) / (dilation * side) * dilation;
    }

    /** Returns the number of tiles that hold an active site. */
    public int count() {
        return count;
    }

    /** Returns the side m of a tile. */
    public int side() {
        return side;
    }

    /** Returns the output rows, {@code count() * m * m} int32, off-heap. */
    public MemorySegment rows() {
        return rowData.asSlice(0, 4L * count * side * side);
    }

    /** Returns the entries of the patches, {@code count() * (m + kernelH - 1) * (m + kernelW - 1)} int32, off-heap. */
    public MemorySegment patches() {
        return patchData.asSlice(0, 4L * count * patchHeight * patchWidth);
    }

    /** Fills the tiles for the present sites, unless they stand already. */
    void build() {
        if (builtInput == input.version() && builtOutput == output.version()) {
            return;
        }
        int width = output.grid().width();
        int size = side * side;
        int n = 0;
        Arrays.fill(numbers, -1);
        for (int y = 0; y < output.grid().height(); y++) {
            int tileRow = tile(y, window.dilationH());
            int placeRow = y / window.dilationH() % side;
            for (int row = output.firstRow(y); row < output.firstRow(y + 1); row++) {
                int x = output.position(row) - y * width;
                int tile = tileRow * across + tileOfColumn[x];
                int number = numbers[tile];
                if (number < 0) {
                    number = n++;
                    numbers[tile] = number;
                    Arrays.fill(rows, number * size, (number + 1) * size, -1);
                    patch(number, y - placeRow * window.dilationH(), x - placeInTile[x] * window.dilationW());
                }
                rows[number * size + placeRow * side + placeInTile[x]] = row;
            }
        }
        MemorySegment.copy(rows, 0, rowData, ValueLayout.JAVA_INT, 0, n * size);
        MemorySegment.copy(patches, 0, patchData, ValueLayout.JAVA_INT, 0, n * patchHeight * patchWidth);
        count = n;
        builtInput = input.version();
        builtOutput = output.version();
    }

    /** Looks up what the tile whose first output lies at (y, x) reads; beyond the bordered map there is padding only. */
    private void patch(int number, int y, int x) {
        SiteGrid grid = input.grid();
        int[] map = input.entries();
        int at = number * patchHeight * patchWidth;
        for (int i = 0; i < patchHeight; i++) {
            int mapY = y - window.padTop() + i * window.dilationH() + grid.top();
            for (int j = 0; j < patchWidth; j++) {
                int mapX = x - window.padLeft() + j * window.dilationW() + grid.left();
                patches[at++] = mapY < grid.paddedHeight() && mapX < grid.stride()
                        ? map[mapY * grid.stride() + mapX]
                        : input.count();
            }
        }
    }
}
