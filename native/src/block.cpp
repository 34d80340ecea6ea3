// Bands of output image rows. For each band the expanded rows it reads are computed into a ring of packed rows (rows
// that the previous band left there are not computed again), then the depthwise outputs into a small buffer, and from
// there the projection. Neither the expanded nor the depthwise map ever leaves the cache.
#include "block.h"

#include "activate.h"
#include "block_sizes.h"
#include "conv.h"
#include "depthwise_lines.h"
#include "rows.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/**
 * Expanded rows, packed one after another from the start of the buffer; an image row that does not fit any more begins
 * a new pass at the start. The buffer holds more rows than a band reads, so the rows of at most two passes are alive,
 * and the later pass never reaches the live rows of the earlier one.
 */
class Ring {
  public:
    Ring(const fovea_block &b, float *buffer, int64_t rows, float *gathered, int64_t gatheredLength)
        : b(b), panels{b.expand, b.channels, b.cin * b.expand_taps}, buffer(buffer), rows(rows), gathered(gathered),
          gatheredLength(gatheredLength), low(buffer), high(buffer) {}

    /** Makes image rows first..last available, in increasing order over the calls. False for a wrong entry of the table. */
    bool produce(int first, int last) {
        int y = first > done ? first : done;
        while (y < last) {
            if (!started) {
                pass(b.in_start[y]);
            }
            int end = y;
            while (end < last && b.in_start[end + 1] - passFirst <= rows) {
                end++;
            }
            if (end == y) {
                pass(b.in_start[y]);
                continue;
            }
            if (!expand(b.in_start[y], b.in_start[end])) {
                return false;
            }
            y = end;
        }
        done = y > done ? y : done;
        return true;
    }

    const float *lowBase() const { return low; }
    const float *highBase() const { return high; }
    int32_t splitEntry() const { return split; }

  private:
    void pass(int32_t firstRow) {
        low = high;
        high = buffer - static_cast<ptrdiff_t>(firstRow) * b.channels;
        split = firstRow;
        passFirst = firstRow;
        started = true;
    }

    bool expand(int32_t from, int32_t to) {
        const Activation f{b.expand_activation, b.expand_alpha, b.expand_beta};
        const int count = panelCount(b.channels);
        if (b.expand_table) {
            const int64_t first = static_cast<int64_t>(from) * b.expand_taps;
            const int64_t entries = static_cast<int64_t>(to - from) * b.expand_taps;
            if (!entriesFit(b.expand_table + first, entries,
                            {0, b.expand_in_rows, b.expand_in_rows, b.expand_in_rows + b.expand_edge_rows})) {
                return false;
            }
            const Rows in{{b.in, b.expand_edge, b.expand_in_rows, b.expand_edge_rows, b.cin}};
            convRows(in, b.expand_table, b.expand_taps, from, to, panels, 0, count,
                     {high, nullptr, b.channels, f.clamp(), functionOf(f)}, gathered, gatheredLength);
        } else {
            const float *a = b.in + static_cast<ptrdiff_t>(from) * b.cin;
            product({&a, 1, b.cin, b.cin}, to - from, panels, 0, count,
                    {high + static_cast<ptrdiff_t>(from) * b.channels, nullptr, b.channels, f.clamp(), functionOf(f)});
        }
        return true;
    }

    const fovea_block &b;
    Panels panels;
    float *buffer;
    int64_t rows;
    float *gathered;
    int64_t gatheredLength;
    float *low;  // of the earlier pass: where its entry 0 would lie
    float *high; // of the present pass
    int32_t split = 0;
    int32_t passFirst = 0;
    int done = 0;
    bool started = false;
};

/** Depthwise outputs waiting for the projection, which runs when the buffer is full. */
class Projection {
  public:
    Projection(const fovea_block &b, float *buffer, int32_t capacity, int32_t firstRow)
        : b(b), inputs(projectInputs(b)), panels{b.project, b.cout, inputs}, buffer(buffer), capacity(capacity), next(firstRow) {}

    /** Space for how many more rows. */
    int32_t room() const { return capacity - filled; }
    float *end() { return buffer + static_cast<ptrdiff_t>(filled) * b.channels; }

    void added(int32_t count) {
        filled += count;
        if (filled == capacity) {
            flush();
        }
    }

    void flush() {
        if (b.kept) {
            keep();
        }
        const float *a = buffer;
        const ptrdiff_t at = static_cast<ptrdiff_t>(next) * b.cout;
        const Activation f{b.project_activation, b.project_alpha, b.project_beta};
        product({&a, 1, inputs, inputs}, filled, panels, b.panel_from, b.panel_to ? b.panel_to : panelCount(b.cout),
                {b.out + at, b.residual ? b.residual + at : nullptr, b.cout, f.clamp(), functionOf(f)});
        next += filled;
        filled = 0;
    }

  private:
    /** Moves the kept channels of all rows to the front; what is read lies never before what is written. */
    void keep() {
        float *to = buffer;
        for (int32_t r = 0; r < filled; r++) {
            const float *const row = buffer + static_cast<ptrdiff_t>(r) * b.channels;
            for (int32_t i = 0; i < inputs; i++) {
                *to++ = row[b.kept[i]];
            }
        }
    }

    const fovea_block &b;
    int32_t inputs;
    Panels panels;
    float *buffer;
    int32_t capacity;
    int32_t filled = 0;
    int32_t next;
};

/** The entries that outputs of image rows y..last may hold. */
EntryRange rangeOf(const fovea_block &b, int y, int last) {
    EntryRange range{0, b.in_rows, b.in_rows, b.in_rows + b.edge_rows};
    if (b.expand) {
        const int first = smaller(larger(y * b.stride - b.pad_top, 0), b.in_height);
        range.low = b.in_start[first];
        range.high = b.in_start[larger(smaller(last * b.stride - b.pad_top + b.kh, b.in_height), first)];
    }
    return range;
}

} // namespace

bool block(const BlockArgs &args) {
    const fovea_block &b = args.b;
    const BlockSizes sizes = blockSizes(b, TILE_ROWS, b.scratch_length);
    float *const gathered = b.scratch;
    float *const depthwise = gathered + sizes.gathered;
    float *const expanded = depthwise + static_cast<ptrdiff_t>(sizes.depthwiseRows) * b.channels;
    Ring ring(b, expanded, sizes.ringRows, gathered, sizes.gathered);
    Projection projection(b, depthwise, sizes.depthwiseRows, b.out_start[args.y0]);
    DepthwiseRows d{{b.in, b.in, b.edge, b.in_rows, b.in_rows, b.channels},
                    {b.table, b.runs, static_cast<int32_t>(b.runs_length / toldLength(b.kh, b.kw)), b.out_rows, b.kh, b.kw, b.stride},
                    b.depthwise,
                    {b.depthwise_activation, b.depthwise_alpha, b.depthwise_beta},
                    !b.expand};
    const int32_t *const start = b.out_start;
    const ImageLines image = linesOf(b);
    DepthwiseLines lines(d, image);

    for (int y = args.y0; y < args.y1;) {
        const int last = smaller(args.y1, y + sizes.bandRows);
        if (b.expand) {
            const int first = larger(0, y * b.stride - b.pad_top);
            const int end = smaller(b.in_height, (last - 1) * b.stride - b.pad_top + b.kh);
            if (!ring.produce(first, end)) {
                return false;
            }
            d.places.low = ring.lowBase();
            d.places.high = ring.highBase();
            d.places.split = ring.splitEntry();
        }
        while (y < last) {
            // Two image rows together, if there is room for them.
            const bool pair = (PAIRS || !b.lines) && y + 1 < last && start[y + 2] - start[y] <= sizes.depthwiseRows;
            const int end = start[pair ? y + 2 : y + 1];
            if (pair && end - start[y] > projection.room()) {
                projection.flush();
            }
            for (int r = start[y]; r < end;) {
                const int count = smaller(projection.room(), end - r);
                float *const to = projection.end();
                const bool fits = b.lines ? lines.run(y, pair ? 2 : 1, r, r + count, rangeOf(b, y, pair ? y + 1 : y), to)
                                  : pair  ? depthwiseRowPair(d, rangeOf(b, y, y), rangeOf(b, y + 1, y + 1), r, start[y + 1], end, to)
                                          : depthwiseRows(d, rangeOf(b, y, y), r, r + count, to);
                if (!fits) {
                    return false;
                }
                projection.added(count);
                r += count;
            }
            y += pair ? 2 : 1;
        }
    }
    projection.flush();
    return true;
}

} // namespace FOVEA_ISA
} // namespace fovea
