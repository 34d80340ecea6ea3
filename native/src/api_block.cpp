// Checks of the fused inverted residual.
#include "block_sizes.h"
#include "check.h"
#include "dispatch.h"
#include "strassen_sizes.h"

using namespace fovea;

namespace {

/** Whether start[0..height] begins at 0, never falls and ends at rows. */
bool isRowStart(const int32_t *start, int64_t length, int32_t height, int32_t rows) {
    if (height < 0 || !holds(start, length, static_cast<int64_t>(height) + 1) || start[0] != 0 ||
        start[height] != rows) {
        return false;
    }
    for (int32_t y = 0; y < height; y++) {
        if (start[y] > start[y + 1]) {
            return false;
        }
    }
    return true;
}

bool sizesFit(const fovea_block &b) {
    return channelCount(b.cin) && channelCount(b.channels) && channelCount(b.cout) && b.in_rows >= 0 &&
           b.out_rows >= 0 && b.edge_rows > 0 && b.edge_rows <= INT32_MAX - b.in_rows && b.kh > 0 &&
           b.kh <= MAX_DEPTHWISE_KERNEL && b.kw > 0 && b.kw <= MAX_DEPTHWISE_KERNEL && b.stride > 0 &&
           b.stride <= (1 << 10) && b.pad_top >= 0 && b.pad_top <= MAX_DEPTHWISE_KERNEL && tapCount(b.expand_taps) &&
           isActivation(b.expand_activation) && isActivation(b.depthwise_activation) &&
           isActivation(b.project_activation) && b.in_height <= (1 << 20) && b.out_height <= (1 << 20) &&
           static_cast<int64_t>(b.cin) * b.expand_taps <= MAX_CHANNELS &&
           b.panel_from >= 0 && b.panel_from <= b.panel_to &&
           b.panel_to <= (b.cout + kernels().panel - 1) / kernels().panel &&
           isRowStart(b.in_start, b.in_start_length, b.in_height, b.in_rows) &&
           isRowStart(b.out_start, b.out_start_length, b.out_height, b.out_rows);
}

bool expansionFits(const fovea_block &b) {
    if (!b.expand) {
        return b.channels == b.cin && !b.expand_table && holds(b.in, b.in_length, int64_t(b.in_rows) * b.channels);
    }
    if (!holds(b.expand, b.expand_length, fovea_conv_packed_length(b.channels, b.cin, b.expand_taps))) {
        return false;
    }
    if (!b.expand_table) {
        return b.expand_taps == 1 && holds(b.in, b.in_length, int64_t(b.in_rows) * b.cin);
    }
    return b.expand_in_rows >= 0 && b.expand_edge_rows > 0 && b.expand_edge_rows <= INT32_MAX - b.expand_in_rows &&
           holds(b.in, b.in_length, int64_t(b.expand_in_rows) * b.cin) &&
           holds(b.expand_edge, b.expand_edge_length, int64_t(b.expand_edge_rows) * b.cin) &&
           holds(b.expand_table, b.expand_table_length, int64_t(b.in_rows) * b.expand_taps);
}

/** Whether lines may be followed; what they name is checked on the way. */
bool linesFit(const fovea_block &b) {
    if (b.kh != 3 || b.kw != 3 || b.stride > 2 || b.out_width <= 0 || b.out_width > (1 << 20) || b.pad_left < 0 ||
        b.pad_left > MAX_DEPTHWISE_KERNEL || b.lines_length > INT32_MAX ||
        !holds(b.lines, b.lines_length, static_cast<int64_t>(b.in_height) + 1) || b.sites_length % 2 != 0 ||
        !holds(b.sites, b.sites_length, b.sites_length)) {
        return false;
    }
    for (int32_t y = 0; y <= b.in_height; y++) {
        if (b.lines[y] < 0 || b.lines[y] >= b.lines_length) {
            return false;
        }
    }
    return true;
}

bool buffersFit(const fovea_block &b) {
    return holds(b.edge, b.edge_length, int64_t(b.edge_rows) * b.channels) &&
           (b.lines  ? linesFit(b)
            : b.runs ? runList(b.runs, b.runs_length, b.kh, b.kw)
                     : holds(b.table, b.table_length, int64_t(b.out_rows) * b.kh * b.kw)) &&
           holds(b.depthwise, b.depthwise_length, fovea_depthwise_packed_length(b.channels, b.kh * b.kw)) &&
           (!b.residual || b.residual_length >= int64_t(b.out_rows) * b.cout) &&
           holds(b.out, b.out_length, int64_t(b.out_rows) * b.cout);
}

/** Whether the kept channels are some of the block's, each named once. */
bool keptFits(const fovea_block &b) {
    if (!b.kept) {
        return b.kept_length == 0;
    }
    if (b.kept_length <= 0 || b.kept_length > b.channels || b.kept[0] < 0) {
        return false;
    }
    for (int64_t i = 1; i < b.kept_length; i++) {
        if (b.kept[i] <= b.kept[i - 1]) {
            return false;
        }
    }
    return b.kept[b.kept_length - 1] < b.channels;
}

bool bandsFit(const fovea_block &b) {
    return keptFits(b) && holds(b.project, b.project_length, fovea_conv_packed_length(b.cout, projectInputs(b), 1)) &&
           holds(b.scratch, b.scratch_length, fovea_block_scratch(&b, 0));
}

} // namespace

extern "C" {

int64_t fovea_block_bytes(void) { return static_cast<int64_t>(sizeof(fovea_block)); }

int64_t fovea_block_scratch(const fovea_block *block, int32_t wanted) {
    if (!block || !sizesFit(*block)) {
        return -1;
    }
    return blockSizes(*block, kernels().tileRows, wanted ? -1 : 0).length(block->channels);
}

int32_t fovea_block_run(const fovea_block *block, int32_t y0, int32_t y1) {
    FOVEA_REQUIRE(1, block && sizesFit(*block) && expansionFits(*block) && buffersFit(*block) && bandsFit(*block));
    FOVEA_REQUIRE(2, y0 >= 0 && y0 <= block->out_height);
    FOVEA_REQUIRE(3, y1 >= y0 && y1 <= block->out_height);
    return y0 == y1 || kernels().block({*block, y0, y1}) ? 0 : -1;
}

int64_t fovea_block_group_scratch(const fovea_block *block, int32_t levels, int32_t y0, int32_t y1) {
    if (!block || !sizesFit(*block) || !strassenFits(block->channels, block->cout, levels) || y0 < 0 || y1 < y0 ||
        y1 > block->out_height) {
        return -1;
    }
    return strassenScratch(block->channels, block->cout, levels, block->out_start[y1] - block->out_start[y0]);
}

int32_t fovea_block_group(const fovea_block *block, int32_t levels, int32_t y0, int32_t y1) {
    FOVEA_REQUIRE(1, block && sizesFit(*block) && !block->expand && !block->kept && expansionFits(*block) && buffersFit(*block));
    FOVEA_REQUIRE(2, strassenFits(block->channels, block->cout, levels));
    FOVEA_REQUIRE(3, y0 >= 0 && y0 <= block->out_height);
    FOVEA_REQUIRE(4, y1 >= y0 && y1 <= block->out_height);
    FOVEA_REQUIRE(1, holds(block->project, block->project_length, strassenPacked(block->channels, block->cout, levels)));
    FOVEA_REQUIRE(1, holds(block->scratch, block->scratch_length, fovea_block_group_scratch(block, levels, y0, y1)));
    return y0 == y1 || kernels().blockGroup({*block, y0, y1}, levels) ? 0 : -1;
}

int64_t fovea_block_scratch_held(const fovea_block *block, int32_t wanted, const void *, const void *) {
    return fovea_block_scratch(block, wanted);
}

int32_t fovea_block_run_held(const fovea_block *block, int32_t y0, int32_t y1, const void *, const void *, const void *,
                             const void *, const void *, const void *, const void *, const void *, const void *, const void *,
                             const void *, const void *, const void *) {
    return fovea_block_run(block, y0, y1);
}

int64_t fovea_block_group_scratch_held(const fovea_block *block, int32_t levels, int32_t y0, int32_t y1, const void *,
                                       const void *) {
    return fovea_block_group_scratch(block, levels, y0, y1);
}

int32_t fovea_block_group_held(const fovea_block *block, int32_t levels, int32_t y0, int32_t y1, const void *,
                               const void *, const void *, const void *, const void *, const void *, const void *,
                               const void *, const void *, const void *, const void *, const void *) {
    return fovea_block_group(block, levels, y0, y1);
}

} // extern "C"
