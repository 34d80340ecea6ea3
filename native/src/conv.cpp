#include "conv.h"

#include "activate.h"
#include "spans.h"

namespace fovea {
namespace FOVEA_ISA {

namespace {

/** The shortest stretch of outputs that is worth reading in place instead of gathering. */
constexpr int SHORTEST_RUN = 6;

/**
 * Taps of one output that lie in consecutive rows: `length` taps each, for all taps; 0 when an entry is no input row or
 * there are too many stretches.
 */
int stretch(const int32_t *entries, int taps, int32_t inRows) {
    int length = 1;
    while (length < taps && entries[length] == entries[length - 1] + 1) {
        length++;
    }
    if (taps % length != 0) {
        length = 1;
    }
    if (taps / length > MAX_SEGMENTS) {
        return 0;
    }
    for (int t = 0; t < taps; t++) {
        if (entries[t] >= inRows || (t % length != 0 && entries[t] != entries[t - 1] + 1)) {
            return 0;
        }
    }
    return length;
}

/** Whether each of `outputs` outputs is followed by one that reads `step` input rows after it, for every tap. */
bool steps(const int32_t *entries, int taps, int outputs, int32_t inRows, int32_t step) {
    int32_t wrong = 0;
    for (int i = 0; i < outputs * taps; i++) {
        wrong |= (entries[i + taps] - entries[i]) ^ step;
        wrong |= entries[i + taps] >= inRows;
    }
    return wrong == 0;
}

/** Length of the run of outputs from..: each reads `step` input rows after its predecessor. */
int run(const int32_t *table, int taps, int from, int to, int32_t inRows, int32_t step) {
    constexpr int STRIDE = 16;
    const int32_t *entries = table + static_cast<ptrdiff_t>(from) * taps;
    int r = from;
    while (r + STRIDE < to && steps(entries, taps, STRIDE, inRows, step)) {
        r += STRIDE;
        entries += STRIDE * taps;
    }
    while (r + 1 < to && steps(entries, taps, 1, inRows, step)) {
        r++;
        entries += taps;
    }
    return r + 1 - from;
}

void gather(const Rows &rows, const int32_t *entries, int taps, float *to) {
    const int channels = rows.source.channels;
    for (int t = 0; t < taps;) {
        // Neighbours in the map are neighbours in memory: one copy for each stretch of them.
        const int32_t first = entries[t];
        int count = 1;
        while (t + count < taps && entries[t + count] == first + count && entries[t + count] != rows.source.inRows) {
            count++;
        }
        std::memcpy(to, rows.at(first), sizeof(float) * static_cast<size_t>(count) * static_cast<size_t>(channels));
        to += static_cast<ptrdiff_t>(count) * channels;
        t += count;
    }
}


/** Outputs that are computed in order, some read in place and the others gathered. */
class Outputs {
  public:
    Outputs(const Rows &rows, const Panels &panels, int panelFrom, int panelTo, const TileOutput &y, float *scratch,
            int64_t scratchLength)
        : rows(rows), panels(panels), panelFrom(panelFrom), panelTo(panelTo), y(y), scratch(scratch),
          ld(static_cast<ptrdiff_t>(gatheredStride(panels.k))), most(scratchLength / ld) {}

    /** Output r, whose taps are these entries; the one after the last. */
    void gathered(int r, const int32_t *entries, int taps) {
        if (pending == most) {
            flush(r);
        }
        gather(rows, entries, taps, scratch + pending * ld);
        pending++;
    }

    /** Outputs r..r + count read in place. */
    void inPlace(int r, const TileInput &x, int count) {
        flush(r);
        product(x, count, panels, panelFrom, panelTo, output(r));
    }

    /** Computes what was gathered; r is the next output. */
    void flush(int r) {
        if (pending > 0) {
            const float *a = scratch;
            product({&a, 1, panels.k, ld}, pending, panels, panelFrom, panelTo, output(r - pending));
            pending = 0;
        }
    }

  private:
    TileOutput output(int r) const {
        return {y.out + r * y.stride, y.residual ? y.residual + r * y.stride : nullptr, y.stride, y.clamp, y.function};
    }

    const Rows &rows;
    const Panels &panels;
    int panelFrom;
    int panelTo;
    const TileOutput &y;
    float *scratch;
    ptrdiff_t ld;
    int64_t most;
    int pending = 0; // gathered outputs r - pending .. r
};

/** Whether rows of that distance may be read in place: multiples of 2 KiB share the lines of the first-level cache. */
bool apart(int64_t floats) { return floats % 512 != 0; }

/** The outputs of a told run that read one stretch of input rows in each kernel row; none when from == to. */
struct Straight {
    int from;
    int to;
};

Straight straightPart(const TableRuns::Told &run, int kh, int32_t inRows) {
    Straight part{run.first, run.first + run.outputs};
    for (int y = 0; y < kh; y++) {
        const int32_t *named = run.columns + static_cast<ptrdiff_t>(y) * run.width;
        if (run.explicitly || named[2] >= inRows || (run.reads > 3 && named[1] == named[2])) {
            return {run.first, run.first};
        }
        if (named[0] != named[1] - 1) {
            part.from = run.first + 1;
        }
        if (named[3] != named[2] + 1 || named[3] >= inRows) {
            part.to = run.first + run.outputs - 1;
        }
    }
    return part;
}

/** The same as convRows where runs are told. False when an entry does not fit. */
bool convRuns(const Rows &rows, const TableRuns &t, int from, int to, Outputs &outputs) {
    const Source &source = rows.source;
    const EntryRange range{0, source.inRows, source.inRows, source.inRows + source.edgeRows};
    const int64_t step = static_cast<int64_t>(t.stride) * source.channels;
    const bool inPlace = apart(step) && t.kh <= MAX_SEGMENTS;
    int32_t entries[MAX_TAPS];
    int32_t hint = 0;
    for (int r = from; r < to;) {
        const int end = t.end(r, to, hint);
        const TableRuns::Told run = hint > 0 ? t.toldRun(hint) : TableRuns::Told{};
        bool fits = hint > 0 && run.first >= 0;
        for (int y = 0; fits && y < t.kh; y++) {
            fits = run.fits(y, range);
        }
        if (!fits) {
            return false;
        }
        Straight part = straightPart(run, t.kh, source.inRows);
        part.from = larger(part.from, r);
        part.to = smaller(part.to, end);
        if (!inPlace || part.to - part.from < SHORTEST_RUN) {
            part.from = part.to = end;
        }
        while (r < end) {
            if (r == part.from) {
                const float *a[MAX_SEGMENTS];
                for (int y = 0; y < t.kh; y++) {
                    a[y] = rows.at(t.entry(r, hint, y, 0));
                }
                outputs.inPlace(r, {a, t.kh, t.kw * source.channels, static_cast<ptrdiff_t>(step)}, part.to - r);
                r = part.to;
                continue;
            }
            for (int y = 0; y < t.kh; y++) {
                for (int x = 0; x < t.kw; x++) {
                    entries[y * t.kw + x] = t.entry(r, hint, y, x);
                }
            }
            outputs.gathered(r, entries, t.kh * t.kw);
            r++;
        }
    }
    outputs.flush(to);
    return true;
}

} // namespace

void convRows(const Rows &rows, const int32_t *table, int taps, int from, int to, const Panels &panels, int panelFrom,
              int panelTo, const TileOutput &y, float *scratch, int64_t scratchLength) {
    const int channels = rows.source.channels;
    Outputs outputs(rows, panels, panelFrom, panelTo, y, scratch, scratchLength);
    int r = from;
    while (r < to) {
        const int32_t *entries = table + static_cast<ptrdiff_t>(r) * taps;
        const int length = r + 1 < to ? stretch(entries, taps, rows.source.inRows) : 0;
        const int32_t step = length ? entries[taps] - entries[0] : 0;
        if (step > 0 && apart(step * static_cast<int64_t>(channels))) {
            const int count = run(table, taps, r, to, rows.source.inRows, step);
            if (count >= SHORTEST_RUN) {
                const float *a[MAX_SEGMENTS];
                const int segments = taps / length;
                for (int s = 0; s < segments; s++) {
                    a[s] = rows.at(entries[s * length]);
                }
                outputs.inPlace(r, {a, segments, length * channels, static_cast<ptrdiff_t>(step) * channels}, count);
                r += count;
                continue;
            }
        }
        outputs.gathered(r, entries, taps);
        r++;
    }
    outputs.flush(to);
}

bool conv(const ConvArgs &c) {
    const Panels panels{c.packed, c.n, c.taps * c.source.channels};
    const Rows rows{c.source};
    const TileOutput y{c.out, c.residual, c.n, c.activation.clamp(), functionOf(c.activation)};
    if (!c.runs) {
        convRows(rows, c.table, c.taps, c.from, c.to, panels, c.panelFrom, c.panelTo, y, c.scratch, c.scratchLength);
        return true;
    }
    Outputs outputs(rows, panels, c.panelFrom, c.panelTo, y, c.scratch, c.scratchLength);
    return convRuns(rows, {nullptr, c.runs, c.runCount, c.outRows, c.kh, c.taps / c.kh, c.stride}, c.from, c.to, outputs);
}

} // namespace FOVEA_ISA
} // namespace fovea
