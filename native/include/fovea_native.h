/*
 * Fovea's compiled kernels: packed-row convolutions in float32.
 *
 * Activations are packed rows: n rows x C channels, contiguous, row stride C. Rows are the active sites of one
 * resolution in row-major order. A kernel larger than 1 x 1 reads through a neighbour table: int32
 * table[outRow * taps + tap], taps in row-major order of the kernel window, with entries e:
 *     0 <= e < in_rows                       row e of `in`
 *     in_rows <= e < in_rows + edge_rows     row e - in_rows of `edge`; edge row 0 is zeros (padding), the following
 *                                            rows are background values
 *
 * Every function is a plain call: no allocation, no threads, no errno, no exceptions. It returns 0, or -i when its i-th
 * argument (counted from 1) does not fit the others or is null; nothing has been written then. Table entries are
 * checked too, just before the rows that read them are computed: after a wrong one the rows before it stand. Each
 * buffer comes with its length in elements. Nothing outside [0, length) is read or written. An empty range
 * (from == to) is legal; a buffer whose needed length is 0 may be null.
 *
 * Runs of a table: outputs r and r + 1 are of one run when the window of r + 1 is that of r moved by the stride (its entries
 * x of a kernel row are entries x + stride of r). A run of n outputs reads (n - 1) * stride + kw columns in each kernel row; of a
 * run of several outputs the second to the last but one of them are entries e, e + 1, e + 2 ..., or all the same entry. A caller
 * that knows the runs tells them as `runs` instead of a table (which is not looked at then, and may be null): for each run, in
 * increasing order and without gaps, 2 + kh * max(4, kw) ints: its first output, the column of the map that this stands in (any
 * number may be the first of an image row), then for each kernel row the entries of the first column, the second, the last but one and the last. A run of one output with kw > 3 names all kw columns instead, whatever
 * they are. kw >= 3 only. runs_length is the number of ints. Runs may be shorter than they could be. A wrong list gives an error or
 * wrong numbers, but nothing outside the buffers is ever read.
 *
 * Alignment of 64 bytes is best, 4 bytes suffice. Buffers must not overlap, except that `residual` may be `out`.
 *
 * A row's result depends neither on the range it is computed in nor on the panel range: the same bits on every run and
 * for every split of the work, as long as the same instruction set is chosen. Calls on disjoint output ranges may run
 * in parallel (each with its own scratch).
 *
 * The last thing done to each result is a function of it alone: one of the FOVEA_... numbers below, with two parameters. A clamp
 * to -INFINITY and INFINITY is none, to 0 and 6 ReLU6. NaN stays NaN.
 */
#ifndef FOVEA_NATIVE_H
#define FOVEA_NATIVE_H

#include <stdint.h>

#if defined(_WIN32)
#define FOVEA_API __declspec(dllexport)
#else
#define FOVEA_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Version of this interface; a binding refuses a library of another version. */
#define FOVEA_NATIVE_VERSION 11
FOVEA_API int32_t fovea_version(void);

/* ---- Functions that end a layer ---- */

#define FOVEA_CLAMP 0        /* min(max(x, alpha), beta) */
#define FOVEA_LEAKY_RELU 1   /* x < 0 ? alpha x : x */
#define FOVEA_HARD_SIGMOID 2 /* min(max(alpha x + beta, 0), 1) */
#define FOVEA_HARD_SWISH 3   /* x min(max(x / 6 + 1 / 2, 0), 1) */
#define FOVEA_ELU 4          /* x < 0 ? alpha (exp(x) - 1) : x */
#define FOVEA_SIGMOID 5      /* 1 / (1 + exp(-x)) */
#define FOVEA_SILU 6         /* x sigmoid(x) */
#define FOVEA_TANH 7
#define FOVEA_MISH 8         /* x tanh(log(1 + exp(x))) */
#define FOVEA_ACTIVATIONS 9

/* ---- Instruction sets: "avx512", "avx2", "neon", "generic" ---- */

/** Number of instruction sets compiled in that this processor can run, best first. */
FOVEA_API int32_t fovea_isa_count(void);

/** Name of the i-th, or null. */
FOVEA_API const char *fovea_isa_name(int32_t i);

/** Name of the one in use: the best unless selected otherwise. */
FOVEA_API const char *fovea_isa(void);

/**
 * Uses the named instruction set from now on (for tests and comparisons). Packed weights belong to the instruction set
 * that packed them: select before packing, and not while calls are running.
 */
FOVEA_API int32_t fovea_isa_select(const char *name);

/** Columns of one panel of packed weights: the unit of panel_from and panel_to. Panels of n columns: ceil(n / this). */
FOVEA_API int32_t fovea_panel_columns(void);

/* ---- Weights ---- */

/** Floats of the packed weights of a convolution with groups 1, or -1 for sizes out of range. */
FOVEA_API int64_t fovea_conv_packed_length(int32_t cout, int32_t cin, int32_t taps);

/**
 * Packs weights and bias of a convolution (taps = kernel height x width, 1 for a matrix product). The weight of output
 * channel o, input channel i and tap t is w[o * stride_out + i * stride_in + t * stride_tap]: OIHW has strides
 * (cin * taps, taps, 1), HWIO (1, cout, cin * cout). bias may be null (zeros).
 */
FOVEA_API int32_t fovea_conv_pack(const float *w, int64_t w_length, int64_t stride_out, int64_t stride_in,
                                  int64_t stride_tap, const float *bias, int64_t bias_length, int32_t cout,
                                  int32_t cin, int32_t taps, float *packed, int64_t packed_length);

/** Floats of the packed weights of a depthwise convolution, or -1 for sizes out of range. */
FOVEA_API int64_t fovea_depthwise_packed_length(int32_t channels, int32_t taps);

/** Packs per-channel weights w[c * stride_channel + t * stride_tap] and bias (or null) of a depthwise convolution. */
FOVEA_API int32_t fovea_depthwise_pack(const float *w, int64_t w_length, int64_t stride_channel, int64_t stride_tap,
                                       const float *bias, int64_t bias_length, int32_t channels, int32_t taps,
                                       float *packed, int64_t packed_length);

/* ---- Convolutions ---- */

/**
 * Pointwise convolution: out[r, c] = f(bias[c] + sum_k in[r, k] W[k, c] + residual[r, c]) for rows from <= r < to
 * and the columns of panels panel_from <= p < panel_to. residual (rows x n) may be null.
 */
FOVEA_API int32_t fovea_gemm(const float *in, int64_t in_length, int32_t rows, int32_t k, const float *packed,
                             int64_t packed_length, int32_t n, const float *residual, int64_t residual_length,
                             float *out, int64_t out_length, int32_t activation, float alpha, float beta, int32_t from, int32_t to,
                             int32_t panel_from, int32_t panel_to);

/** Floats of scratch that fovea_conv needs, or -1. */
FOVEA_API int64_t fovea_conv_scratch(int32_t cin, int32_t taps);

/**
 * Convolution through a neighbour table of kh x kw taps or through told runs, groups 1, any number of taps and input channels, for
 * output rows from..to and panels panel_from..panel_to. out has out_rows x cout values, as has residual (or null). stride is the
 * horizontal stride; without told runs it is not used.
 */
FOVEA_API int32_t fovea_conv(const float *in, int64_t in_length, int32_t in_rows, int32_t cin, const float *edge,
                             int64_t edge_length, int32_t edge_rows, const int32_t *table, int64_t table_length,
                             const int32_t *runs, int64_t runs_length, int32_t kh, int32_t kw, int32_t stride,
                             const float *packed, int64_t packed_length, int32_t cout, const float *residual, int64_t residual_length, float *out, int64_t out_length,
                             int32_t out_rows, int32_t activation, float alpha, float beta, int32_t from, int32_t to,
                             int32_t panel_from, int32_t panel_to, float *scratch, int64_t scratch_length);

/**
 * Depthwise convolution (multiplier 1) through a neighbour table of kh x kw taps, for output rows from..to. stride is
 * the horizontal stride: a hint that lets horizontally adjacent outputs share loads where the table shows that they are
 * adjacent; the result does not depend on it.
 */
FOVEA_API int32_t fovea_depthwise(const float *in, int64_t in_length, int32_t in_rows, int32_t channels,
                                  const float *edge, int64_t edge_length, int32_t edge_rows, const int32_t *table,
                                  int64_t table_length, const int32_t *runs, int64_t runs_length, int32_t kh,
                                  int32_t kw, int32_t stride, const float *packed, int64_t packed_length, float *out, int64_t out_length, int32_t out_rows,
                                  int32_t activation, float alpha, float beta, int32_t from, int32_t to);

/**
 * Inverted residual: [expansion 1 x 1 or k x k, f] -> depthwise kh x kw through `table`, f -> projection 1 x 1,
 * + residual, f. The expanded rows live in scratch, a few image rows at a time.
 *
 * Lines say the same as a table in a few ints, from which a kernel lists what it needs image row by image row: `lines` begins with
 * in_height + 1 indices, one for each image row of the input and last the one that stands for all rows outside the map, where in
 * `lines` its first stretch is. A stretch is 4 ints: first column, end, base, growth (0 or 1); column x reads entry base + growth * x.
 * The stretches of an image row follow each other from INT32_MIN to INT32_MAX; padding is a stretch like others. `sites` holds the
 * first position and the end of each run of output sites, positions counted row-major in a map out_width wide, in increasing order,
 * each run within one image row. Of wrong lists comes an error or wrong numbers, but nothing outside the buffers is ever read.
 *
 * `kept` names the depthwise channels that the projection reads, in increasing order, for blocks in which it does not need all: then its
 * packed weights are kept_length -> cout.
 */
typedef struct fovea_block {
    const float *in; /* in_rows x cin (expand_in_rows x cin with an expansion table) */
    int64_t in_length;
    const float *expand; /* packed cin -> channels, or null: then channels == cin and the depthwise reads `in` */
    int64_t expand_length;
    const int32_t *expand_table; /* in_rows x expand_taps entries, or null for a 1 x 1 expansion */
    int64_t expand_table_length;
    const float *expand_edge; /* edge of the expansion's own table: expand_edge_rows x cin, or null */
    int64_t expand_edge_length;
    const float *edge; /* expanded values of padding (row 0) and background: edge_rows x channels */
    int64_t edge_length;
    const int32_t *table; /* out_rows x kh x kw entries into the expanded rows */
    int64_t table_length;
    const int32_t *runs; /* told runs instead of a table, or null */
    int64_t runs_length;
    const int32_t *lines; /* with sites instead of both, for 3 x 3 of stride 1 or 2, or null: see below */
    int64_t lines_length;
    const int32_t *sites; /* first position and end of each run of output sites */
    int64_t sites_length;
    const float *depthwise; /* packed */
    int64_t depthwise_length;
    const float *project; /* packed channels -> cout */
    int64_t project_length;
    const int32_t *kept; /* depthwise channels that the projection reads, or null: all */
    int64_t kept_length;
    const float *residual; /* out_rows x cout, or null */
    int64_t residual_length;
    float *out; /* out_rows x cout */
    int64_t out_length;
    const int32_t *in_start; /* in_height + 1: first expanded row of each image row */
    int64_t in_start_length;
    const int32_t *out_start; /* out_height + 1: first output row of each image row */
    int64_t out_start_length;
    float *scratch;
    int64_t scratch_length; /* at least fovea_block_scratch */
    int32_t expand_in_rows; /* rows of `in` with an expansion table, otherwise in_rows */
    int32_t expand_taps;    /* 1 without an expansion table */
    int32_t expand_edge_rows;
    int32_t in_rows; /* expanded rows */
    int32_t cin;
    int32_t channels; /* expanded channels */
    int32_t cout;
    int32_t edge_rows;
    int32_t out_rows;
    int32_t in_height;
    int32_t out_height;
    int32_t kh;
    int32_t kw;
    int32_t stride;  /* of the depthwise window, both ways */
    int32_t pad_top; /* output image row y reads input image rows y * stride - pad_top .. + kh - 1 */
    int32_t pad_left; /* the same for columns; with lines only */
    int32_t out_width; /* with lines only */
    int32_t expand_activation;
    float expand_alpha;
    float expand_beta;
    int32_t depthwise_activation;
    float depthwise_alpha;
    float depthwise_beta;
    int32_t project_activation;
    float project_alpha;
    float project_beta;
    int32_t panel_from; /* panels of the projection to compute; 0 to 0 is all of them */
    int32_t panel_to;
} fovea_block;

/** Bytes of fovea_block, for bindings to compare with their own layout. */
FOVEA_API int64_t fovea_block_bytes(void);

/**
 * Floats of scratch for a block. Takes the fields that describe sizes, in_start and out_start; buffers may be null.
 * wanted == 0: the least that works; otherwise the length that runs best. Any length between is used as it fits; the
 * result does not depend on it. -1 when a size does not fit.
 */
FOVEA_API int64_t fovea_block_scratch(const fovea_block *block, int32_t wanted);

/**
 * Runs output image rows y0 <= y < y1. Argument numbers: 1 for anything wrong in the block, 2 and 3 for y0 and y1.
 */
FOVEA_API int32_t fovea_block_run(const fovea_block *block, int32_t y0, int32_t y1);

/**
 * The same two, with the buffers that the block points to named again. These arguments are not looked at: they are for
 * callers whose memory is held for the time of a call when it is an argument (java.lang.foreign), so that nobody frees
 * it.
 */
FOVEA_API int64_t fovea_block_scratch_held(const fovea_block *block, int32_t wanted, const void *in_start,
                                           const void *out_start);
FOVEA_API int32_t fovea_block_run_held(const fovea_block *block, int32_t y0, int32_t y1, const void *in,
                                       const void *expand, const void *edge, const void *table, const void *runs,
                                       const void *lines, const void *sites, const void *depthwise, const void *project, const void *residual, const void *out,
                                       const void *in_start, const void *out_start);

/* ---- Products with fewer multiplications ---- */

/**
 * Floats of the packed weights of fovea_strassen (Strassen's product in Winograd's form, halved once or twice: levels 1 or 2, with
 * 7 multiplications for 8 or 49 for 64), or -1 for sizes out of range: cout and cin are multiples of 16 << levels.
 */
FOVEA_API int64_t fovea_strassen_packed_length(int32_t cout, int32_t cin, int32_t levels);

/** Sums (in double) and packs w[o * stride_out + i * stride_in] and bias (or null). */
FOVEA_API int32_t fovea_strassen_pack(const float *w, int64_t w_length, int64_t stride_out, int64_t stride_in,
                                      const float *bias, int64_t bias_length, int32_t cout, int32_t cin, int32_t levels,
                                      float *packed, int64_t packed_length);

/** Floats of scratch of a group of so many rows, or -1. */
FOVEA_API int64_t fovea_strassen_scratch(int32_t cin, int32_t cout, int32_t levels, int32_t rows);

/**
 * The same as fovea_gemm for rows from..to, which are one group: rows a half (and a quarter) of the group apart share
 * multiplications. So a result depends on the group, by rounding only (docs/performance.md states the bound), and a value that is
 * not finite spoils the rows that its own goes with. Whoever wants the same bits again makes the same groups again. 100 to 250
 * rows run best.
 */
FOVEA_API int32_t fovea_strassen(const float *in, int64_t in_length, int32_t rows, int32_t k, const float *packed,
                                 int64_t packed_length, int32_t levels, int32_t n, const float *residual,
                                 int64_t residual_length, float *out, int64_t out_length, int32_t activation,
                                 float alpha, float beta, int32_t from, int32_t to, float *scratch, int64_t scratch_length);

/** Floats of scratch of fovea_block_group, or -1. */
FOVEA_API int64_t fovea_block_group_scratch(const fovea_block *block, int32_t levels, int32_t y0, int32_t y1);

/**
 * The same as fovea_block_run for a block without expansion (expand is null) that keeps all channels (kept is null) and whose project is packed by fovea_strassen_pack:
 * image rows y0..y1 are one group.
 */
FOVEA_API int32_t fovea_block_group(const fovea_block *block, int32_t levels, int32_t y0, int32_t y1);

/** The same two, with buffers named again as in fovea_block_run_held (which names the expansion's weights too). */
FOVEA_API int64_t fovea_block_group_scratch_held(const fovea_block *block, int32_t levels, int32_t y0, int32_t y1,
                                                 const void *in_start, const void *out_start);
FOVEA_API int32_t fovea_block_group_held(const fovea_block *block, int32_t levels, int32_t y0, int32_t y1,
                                         const void *in, const void *edge, const void *table, const void *runs,
                                         const void *lines, const void *sites, const void *depthwise, const void *project, const void *residual,
                                         const void *out, const void *in_start, const void *out_start);

/* ---- 3 x 3 convolution of stride 1 with fewer multiplications ---- */

/**
 * Floats of the packed weights of fovea_winograd for tiles of m x m outputs (m 2 or 4: Lavin and Gray's F(2x2,3x3) and
 * F(4x4,3x3), with 16 and 36 products for 4 and 16 outputs), or -1 for sizes out of range.
 */
FOVEA_API int64_t fovea_winograd_packed_length(int32_t cout, int32_t cin, int32_t m);

/** Transforms (in double) and packs the weights of a 3 x 3 convolution, addressed as in fovea_conv_pack with 9 taps. */
FOVEA_API int32_t fovea_winograd_pack(const float *w, int64_t w_length, int64_t stride_out, int64_t stride_in,
                                      int64_t stride_tap, const float *bias, int64_t bias_length, int32_t cout,
                                      int32_t cin, int32_t m, float *packed, int64_t packed_length);

/** Floats of scratch with which `tiles` tiles run best (at least what one tile needs), or -1. */
FOVEA_API int64_t fovea_winograd_scratch(int32_t cin, int32_t cout, int32_t m, int32_t tiles);

/** Floats of scratch with which `tiles` tiles are computed at a time, or -1. Any length from one tile's on works. */
FOVEA_API int64_t fovea_winograd_scratch_of(int32_t cin, int32_t cout, int32_t m, int32_t tiles);

/**
 * A 3 x 3 convolution, for the columns of panels panel_from..panel_to of tiles tile_from..tile_to.
 * tiles[t * m * m + y * m + x] is the output row at (y, x) of tile t, or -1 where nothing is wanted;
 * patches[t * p * p + y * p + x] with p = m + 2 is the entry (as in a neighbour table) that the tile reads at (y, x) of its
 * patch: the output at (y, x) reads for tap (ky, kx) what is at (y + ky, x + kx). So it serves any padding, and any
 * dilation with sites of a tile as far apart as the taps are. No output row may be in two tiles.
 *
 * Results differ from fovea_conv's by rounding; see docs/performance.md for the bound. A value that is not finite spoils
 * its whole tile. A result depends neither on the split, nor on the length of scratch, nor on what else is wanted of its
 * tile.
 */
FOVEA_API int32_t fovea_winograd(const float *in, int64_t in_length, int32_t in_rows, int32_t cin, const float *edge,
                                 int64_t edge_length, int32_t edge_rows, const int32_t *patches, int64_t patches_length,
                                 const int32_t *tiles, int64_t tiles_length, int32_t tile_count, int32_t m,
                                 const float *packed, int64_t packed_length, int32_t cout, const float *residual,
                                 int64_t residual_length, float *out, int64_t out_length, int32_t out_rows,
                                 int32_t activation, float alpha, float beta, int32_t tile_from, int32_t tile_to,
                                 int32_t panel_from, int32_t panel_to, float *scratch, int64_t scratch_length);

/* ---- Row-wise helpers ---- */

/** out[i] = clamp(a[i] + b[i]) for from <= i < to; out may be a or b. */
FOVEA_API int32_t fovea_add(const float *a, int64_t a_length, const float *b, int64_t b_length, float *out,
                            int64_t out_length, float clamp_lo, float clamp_hi, int64_t from, int64_t to);

/** out[i] = f(in[i]) for from <= i < to; out may be in. */
FOVEA_API int32_t fovea_activate(const float *in, int64_t in_length, float *out, int64_t out_length, int32_t activation,
                                 float alpha, float beta, int64_t from, int64_t to);

/** out[r, c] = in[r, c] * factor[c] + shift[c] for rows from..to; shift may be null, out may be in. */
FOVEA_API int32_t fovea_scale(const float *in, int64_t in_length, int32_t rows, int32_t channels, const float *factor,
                              int64_t factor_length, const float *shift, int64_t shift_length, float *out, int64_t out_length, int32_t from, int32_t to);

/** Maximum over the taps; padding (entry in_rows) is ignored, a row of padding alone gives -infinity. Through a table or told runs. */
FOVEA_API int32_t fovea_max_pool(const float *in, int64_t in_length, int32_t in_rows, int32_t channels,
                                 const float *edge, int64_t edge_length, int32_t edge_rows, const int32_t *table,
                                 int64_t table_length, const int32_t *runs, int64_t runs_length, int32_t kh, int32_t kw,
                                 int32_t stride, float *out, int64_t out_length, int32_t out_rows, int32_t from,
                                 int32_t to);

/** Mean over the taps; padding counts as zeros when count_padding is 1, and not at all when it is 0. */
FOVEA_API int32_t fovea_average_pool(const float *in, int64_t in_length, int32_t in_rows, int32_t channels,
                                     const float *edge, int64_t edge_length, int32_t edge_rows, const int32_t *table,
                                     int64_t table_length, int32_t taps, int32_t count_padding, float *out,
                                     int64_t out_length, int32_t out_rows, int32_t from, int32_t to);

/**
 * out[c] = (sum of the rows + rest_weight * rest[c]) / (rows + rest_weight): the mean over a map whose rows are active
 * and whose other rest_weight sites read as rest (channels values, or null with rest_weight 0).
 */
FOVEA_API int32_t fovea_global_average(const float *in, int64_t in_length, int32_t rows, int32_t channels,
                                       const float *rest, int64_t rest_length, float rest_weight, float *out,
                                       int64_t out_length);

/**
 * The same where every site has a row of its own in `map` (sites x channels), which is read where the site is not active. `active` holds
 * the first site and the end of each run of active sites, in increasing order; `rows` is the sum of their lengths. `sums`
 * may be null; otherwise its row s (0..sites) is the sum of the rows of map before s, so that a run of sites costs two rows.
 */
FOVEA_API int32_t fovea_map_average(const float *in, int64_t in_length, int32_t rows, int32_t channels, const float *map,
                                    int64_t map_length, int32_t sites, const float *sums, int64_t sums_length,
                                    const int32_t *active, int64_t active_length, float *out, int64_t out_length);

/**
 * out[r, c] = a[c] * sum + b[c], the sum over the taps t of weights[r * taps + t] * row[c], where row is what entry table[r * taps + t] names:
 * rows from..to of the output. a and b may both be null, for the sum as it is. Without edge rows (null, 0) every entry names an input row.
 */
FOVEA_API int32_t fovea_sample(const float *in, int64_t in_length, int32_t in_rows, int32_t channels, const float *edge,
                               int64_t edge_length, int32_t edge_rows, const int32_t *table, int64_t table_length,
                               int32_t taps, const float *weights, int64_t weights_length, const float *a,
                               int64_t a_length, const float *b, int64_t b_length, float *out, int64_t out_length,
                               int32_t out_rows, int32_t from, int32_t to);

/* ---- Runs of a table ---- */

/**
 * Tells the runs of a table, in the layout described above, from the active sites and from what the columns of the input's image rows
 * read as. kw >= 3, stride_w <= kw, columns not dilated.
 *
 * `sites`: first position and end of each run of active output sites, row-major in a map of the given width, in increasing order, each
 * within one image row. `lines`: stretches of columns, 4 ints each: first column, end, base, growth; column x reads entry
 * base + growth * x. Those of an image row follow each other from INT32_MIN to INT32_MAX; padding is a stretch like others.
 * `first_lines`: for each image row of the input the index in `lines` of its first stretch, and last that of the row which stands for
 * all rows outside the map.
 *
 * Returns the ints written to `told`, or -i for a wrong argument i; -17 when told is too short, which it never is with room for as many
 * runs as there are sites, or runs of sites plus kh times the stretches. Of wrong lists comes an error or a wrong list of runs.
 */
FOVEA_API int64_t fovea_tell_runs(const int32_t *sites, int64_t sites_length, int32_t width, const int32_t *lines,
                                  int64_t lines_length, const int32_t *first_lines, int64_t first_length, int32_t in_height,
                                  int32_t kh, int32_t kw, int32_t stride_h, int32_t stride_w, int32_t pad_top,
                                  int32_t pad_left, int32_t dilation_h, int32_t *told, int64_t told_length);

#ifdef __cplusplus
}
#endif

#endif
