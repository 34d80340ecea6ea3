// What the C functions hand to the kernels of one instruction set: arguments already checked.
#pragma once

#include "fovea_native.h"

#include <cstddef>
#include <cstdint>

namespace fovea {

/** Rows of `in` and, from entry inRows on, rows of `edge`: what a neighbour table points into. */
struct Source {
    const float *in;
    const float *edge;
    int32_t inRows;
    int32_t edgeRows;
    int32_t channels;
};

/** Entries that a table may hold: input rows [low, high) and edge entries [inRows, limit). */
struct EntryRange {
    int32_t low;
    int32_t high;
    int32_t inRows;
    int32_t limit;
};

struct Clamp {
    float lo;
    float hi;
};

/** The element-wise function that ends a layer: one of the FOVEA_... numbers, and its parameters. */
struct Activation {
    int32_t kind;
    float alpha;
    float beta;

    bool isClamp() const { return kind == FOVEA_CLAMP; }
    /** The bounds of a clamp; none of another function. */
    Clamp clamp() const { return isClamp() ? Clamp{alpha, beta} : Clamp{-__builtin_inff(), __builtin_inff()}; }
};

/** out[r, 0..n) = f(in[r, 0..k) * W + bias + residual[r, 0..n)) for rows from..to of panels panelFrom..panelTo. */
struct GemmArgs {
    const float *in;
    const float *packed;
    const float *residual; // or null
    float *out;
    int32_t k;
    int32_t n;
    int32_t from;
    int32_t to;
    int32_t panelFrom;
    int32_t panelTo;
    Activation activation;
};

/** The same with k = kh * kw * channels read through a neighbour table or told runs of one. */
struct ConvArgs {
    Source source;
    const int32_t *table;
    const int32_t *runs; // or null
    int32_t runCount;
    int32_t kh; // where runs are told
    int32_t stride;
    int32_t outRows;
    const float *packed;
    const float *residual; // or null
    float *out;
    float *scratch; // at least a tile of gathered rows
    int64_t scratchLength;
    int32_t taps;
    int32_t n;
    int32_t from;
    int32_t to;
    int32_t panelFrom;
    int32_t panelTo;
    Activation activation;
};

/** 3 x 3 convolution of stride 1 by tiles of m x m outputs. */
struct WinogradArgs {
    Source source;
    const int32_t *patches; // (m + 2) x (m + 2) entries a tile
    const int32_t *tiles;   // m x m output rows a tile, -1 for none
    const float *packed;
    const float *residual; // or null
    float *out;
    float *scratch; // at least one tile
    int64_t scratchLength;
    int32_t m; // 2 or 4
    int32_t outRows;
    int32_t n;
    int32_t from; // tiles
    int32_t to;
    int32_t panelFrom;
    int32_t panelTo;
    Activation activation;
};

/** A group of rows of a matrix product with fewer multiplications; k and n as strassenFits says. */
struct StrassenArgs {
    const float *in;
    const float *packed;
    const float *residual; // or null
    float *out;
    float *scratch; // strassenScratch floats of the group
    int32_t k;
    int32_t n;
    int32_t levels;
    int32_t from;
    int32_t to;
    Activation activation;
};

struct DepthwiseArgs {
    Source source;
    const int32_t *table;
    const int32_t *runs; // told runs instead of a table, or null
    int32_t runCount;
    const float *packed;
    float *out;
    int32_t kh;
    int32_t kw;
    int32_t stride;
    int32_t outRows;
    int32_t from;
    int32_t to;
    Activation activation;
};

/** Pooling through a table. Entries equal to source.inRows are padding. */
struct PoolArgs {
    Source source;
    const int32_t *table;
    float *out;
    int32_t taps;
    int32_t from;
    int32_t to;
    bool countPadding;
    const int32_t *runs = nullptr; // told runs instead of the table, or null
    int32_t runCount = 0;
    int32_t kh = 1;
    int32_t kw = 1;
    int32_t stride = 1;
    int32_t outRows = 0;
};

/** Mean over a map: rows of the active sites, given as first site and end of each of their runs, and rows of `map` for the others. */
struct MapAverageArgs {
    const float *in;
    const float *map;   // a row for every site
    const float *sums; // row s is the sum of the rows of map before s, up to s = sites; or null
    const int32_t *active;
    float *out;
    int64_t activeCount; // ints
    int32_t rows;
    int32_t sites;
    int32_t channels;
};

/** Weighted sums of rows, then a line per channel (none where a is null). */
struct SampleArgs {
    Source source;
    const int32_t *table;
    const float *weights;
    const float *a;
    const float *b;
    float *out;
    int32_t taps;
    int32_t from;
    int32_t to;
};

/** Inverted residual over bands of image rows; sizes and pointers as in fovea_block of the public header. */
struct BlockArgs {
    const fovea_block &b;
    int32_t y0;
    int32_t y1;
};

/** The kernels of one instruction set. */
struct KernelTable {
    const char *name;
    int32_t width;    // lanes
    int32_t half;     // columns that packed weights are rounded up to
    int32_t panel;    // columns of a panel
    int32_t tileRows; // rows of a tile
    void (*gemmPack)(const float *w, const int64_t strides[3], const float *bias, int32_t n, int32_t channels,
                     int32_t taps, float *packed);
    void (*depthwisePack)(const float *w, const int64_t strides[2], const float *bias, int32_t channels, int32_t taps,
                          float *packed);
    void (*winogradPack)(const float *w, const int64_t strides[3], const float *bias, int32_t n, int32_t channels,
                         int32_t m, float *packed);
    void (*strassenPack)(const float *w, const int64_t strides[2], const float *bias, int32_t n, int32_t k,
                         int32_t levels, float *packed);
    void (*gemm)(const GemmArgs &);
    void (*strassen)(const StrassenArgs &);
    /** False when an entry of a told run does not fit; those of a table are checked before. */
    bool (*conv)(const ConvArgs &);
    /** False when an entry of a tile or of its patch is out of range. */
    bool (*winograd)(const WinogradArgs &);
    /** False when an entry that is read does not fit. */
    bool (*depthwise)(const DepthwiseArgs &);
    /** False when a table entry lies outside the image rows that its output may read. */
    bool (*block)(const BlockArgs &);
    /** The same for a block without expansion whose projection takes the image rows of the call as one group. */
    bool (*blockGroup)(const BlockArgs &, int32_t levels);
    void (*activate)(const Activation &f, const float *in, float *out, int64_t length);
    void (*scaleRows)(const float *in, const float *factor, const float *shift, float *out, int32_t rows,
                      int32_t channels);
    void (*addRows)(const float *a, const float *b, float *out, int64_t length, Clamp clamp);
    bool (*maxPool)(const PoolArgs &); // false when an entry does not fit
    void (*averagePool)(const PoolArgs &);
    void (*globalAverage)(const float *in, int32_t rows, int32_t channels, const float *rest, float restWeight,
                          float *out);
    void (*mapAverage)(const MapAverageArgs &);
    void (*sample)(const SampleArgs &);
    bool (*entriesFit)(const int32_t *entries, int64_t count, EntryRange range);
};

} // namespace fovea
