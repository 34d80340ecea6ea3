#include "block_problem.h"

using namespace fovea_test;

namespace {

class BlockTest : public KernelTest {};

TEST_F(BlockTest, EqualsItsStepsBitForBit) {
    Random random(1);
    for (double active : {1.0, 0.7, 0.2, 0.0}) {
        for (int32_t stride : {1, 2}) {
            for (int32_t size : {1, 2, 5, 19, 38}) {
                const MapTable map = mapTable(random, size, size + 2, 3, 3, stride, 1, active);
                BlockProblem(map, 3, stride, 16, 96, 24, true, false).check();
                BlockProblem(map, 3, stride, 5, 33, 7, true, true).check();
                BlockProblem(map, 3, stride, 5, 33, 7, true, true).checkRuns(random);
                BlockProblem(map, 3, stride, 5, 33, 7, true, true).checkLines(random);
                BlockProblem(map, 3, stride, 32, 32, 16, false, true).check();
                BlockProblem(map, 3, stride, 32, 32, 16, false, true).checkRuns(random);
                BlockProblem(map, 3, stride, 32, 32, 16, false, true).checkLines(random);
                if (HasFatalFailure()) {
                    return;
                }
            }
        }
    }
}

TEST_F(BlockTest, LargeWeightsOtherKernelsAndPads) {
    Random random(2);
    BlockProblem(mapTable(random, 10, 10, 3, 3, 1, 1, 1.0), 3, 1, 160, 960, 96, true, false).check();
    BlockProblem(mapTable(random, 21, 20, 5, 5, 1, 2, 1.0), 5, 1, 8, 40, 24, true, true).check();
    BlockProblem(mapTable(random, 21, 20, 5, 5, 2, 2, 0.6), 5, 2, 8, 40, 24, true, false).check();
    const MapTable wide = mapTable(random, 21, 20, 5, 5, 1, 2, 0.8);
    BlockProblem(wide, 5, 1, 8, 40, 24, true, true).checkRuns(random);
    const MapTable strided = mapTable(random, 21, 20, 5, 5, 2, 2, 0.8);
    BlockProblem(strided, 5, 2, 8, 40, 24, true, false).checkRuns(random);
    BlockProblem(mapTable(random, 20, 20, 3, 3, 2, 0, 1.0), 3, 2, 8, 40, 24, true, false).check();
    BlockProblem(mapTable(random, 31, 9, 2, 2, 4, 0, 0.8), 2, 4, 8, 40, 24, true, false).check(); // rows that nobody reads
}

TEST_F(BlockTest, ImageRowsOfManyShortRuns) {
    Random random(10);
    for (double active : {0.95, 0.7, 0.4}) {
        for (int32_t stride : {1, 2}) {
            for (int32_t width : {3, 19, 90, 400, 1300}) {
                MapTable map = mapTable(random, width > 400 ? 3 : width > 90 ? 5 : 9, width, 3, 3, stride, 1, active);
                BlockProblem(map, 3, stride, 8, 64, 16, true, true).checkRuns(random);
                BlockProblem(map, 3, stride, 8, 64, 16, true, true).checkLines(random);
                BlockProblem(map, 3, stride, 70, 70, 9, false, false).checkRuns(random);
                BlockProblem(map, 3, stride, 70, 70, 9, false, false).checkLines(random);
                BlockProblem swish(map, 3, stride, 5, 100, 9, true, false);
                swish.inner = HARD_SWISH;
                swish.checkRuns(random);
                swish.checkLines(random);
                // The first column of an image row may be any number.
                for (int32_t &column : map.outColumn) {
                    column += 1000;
                }
                BlockProblem(map, 3, stride, 8, 64, 16, true, true).checkRuns(random);
                if (HasFatalFailure()) {
                    return;
                }
            }
        }
    }
}

TEST_F(BlockTest, WrongRunsReadNothingOutside) {
    Random random(11);
    int32_t refused = 0;
    for (int32_t trial = 0; trial < 600; trial++) {
        const int32_t stride = 1 + trial % 2;
        const MapTable map = mapTable(random, 7, 24, 3, 3, stride, 1, 0.7);
        Input<int32_t> told = toldRuns(random, map, 3, 3, stride, 0.2);
        BlockProblem p(map, 3, stride, 6, 64, 8, trial % 3 > 0, false);
        if (!p.expands) {
            p.cin = p.channels;
            p.in = randomFloats(random, size_t(map.neighbours.inRows) * p.cin);
        }
        std::uniform_int_distribution<int64_t> place(0, told.length() - 1);
        std::uniform_int_distribution<int32_t> any(-3, map.neighbours.inRows + 6);
        for (int32_t i = 0; i <= trial % 4; i++) {
            told[size_t(place(random))] = trial % 7 ? any(random) : trial % 2 ? INT32_MAX - trial : INT32_MIN + trial;
        }
        p.runs = &told;
        Output out(size_t(map.neighbours.outRows) * p.cout);
        fovea_block b = p.describe(out);
        Output scratch(size_t(fovea_block_scratch(&b, 1)));
        b.scratch = scratch.get();
        b.scratch_length = scratch.length();
        refused += fovea_block_run(&b, 0, map.outHeight) != 0; // inputs are guarded by the sanitizer
        ASSERT_TRUE(scratch.untouchedOutside(0, size_t(scratch.length())));
        ASSERT_TRUE(out.untouchedOutside(0, size_t(out.length())));
    }
    EXPECT_GT(refused, 300);
}

TEST_F(BlockTest, WrongLinesReadNothingOutside) {
    Random random(12);
    int32_t refused = 0;
    for (int32_t trial = 0; trial < 1200; trial++) {
        const int32_t stride = 1 + trial % 2;
        const MapTable map = mapTable(random, 7, 24, 3, 3, stride, trial % 5 ? 1 : 0, 0.7);
        MapLines told = mapLines(random, map, 0.2);
        BlockProblem p(map, 3, stride, 6, 64, 8, trial % 3 > 0, false);
        if (!p.expands) {
            p.cin = p.channels;
            p.in = randomFloats(random, size_t(map.neighbours.inRows) * p.cin);
        }
        Input<int32_t> &list = trial % 4 ? told.lines : told.sites;
        std::uniform_int_distribution<int64_t> place(0, list.length() - 1);
        std::uniform_int_distribution<int32_t> any(-3, map.neighbours.inRows + 6);
        for (int32_t i = 0; i <= trial % 3; i++) {
            list[size_t(place(random))] = trial % 7 ? any(random) : trial % 2 ? INT32_MAX - trial : INT32_MIN + trial;
        }
        p.lines = &told;
        Output out(size_t(map.neighbours.outRows) * p.cout);
        fovea_block b = p.describe(out);
        Output scratch(size_t(fovea_block_scratch(&b, 1)));
        b.scratch = scratch.get();
        b.scratch_length = scratch.length();
        refused += fovea_block_run(&b, 0, map.outHeight) != 0; // inputs are guarded by the sanitizer
        ASSERT_TRUE(scratch.untouchedOutside(0, size_t(scratch.length())));
        ASSERT_TRUE(out.untouchedOutside(0, size_t(out.length())));
    }
    EXPECT_GT(refused, 600);
}

TEST_F(BlockTest, RefusesLinesThatDoNotFit) {
    Random random(13);
    const MapTable map = mapTable(random, 7, 9, 3, 3, 1, 1, 0.6);
    const MapLines told = mapLines(random, map, 0);
    BlockProblem p(map, 3, 1, 6, 32, 8, true, false);
    p.lines = &told;
    Output out(size_t(map.neighbours.outRows) * p.cout);
    const fovea_block good = p.describe(out);
    Output scratch(size_t(fovea_block_scratch(&good, 1)));
    const auto run = [&](fovea_block b) {
        b.scratch = scratch.get();
        b.scratch_length = scratch.length();
        return fovea_block_run(&b, 0, map.outHeight);
    };
    ASSERT_EQ(0, run(good));
    fovea_block b = good;
    b.lines_length = map.inHeight;
    EXPECT_EQ(-1, run(b));
    b = good;
    b.lines_length -= 4; // the line of padding
    EXPECT_EQ(-1, run(b));
    b = good;
    b.sites_length -= 1;
    EXPECT_EQ(-1, run(b));
    b = good;
    b.sites_length -= 2;
    EXPECT_EQ(-1, run(b));
    b = good;
    b.sites = nullptr;
    EXPECT_EQ(-1, run(b));
    b = good;
    b.out_width = 0;
    EXPECT_EQ(-1, run(b));
    b = good;
    b.pad_left = -1;
    EXPECT_EQ(-1, run(b));
    b = good;
    b.kw = 5;
    EXPECT_EQ(-1, run(b));
}

TEST_F(BlockTest, ActivationsOtherThanClamps) {
    Random random(9);
    for (double active : {1.0, 0.6}) {
        const MapTable map = mapTable(random, 13, 17, 3, 3, 1, 1, active);
        BlockProblem p(map, 3, 1, 12, 40, 24, true, true);
        p.inner = HARD_SWISH;
        p.outer = ELU;
        p.check();
        p.inner = ELU;
        p.checkRuns(random);
        const MapTable large = mapTable(random, 13, 17, 5, 5, 2, 2, active);
        BlockProblem wide(large, 5, 2, 12, 40, 24, true, false);
        wide.inner = HARD_SWISH;
        wide.check();
    }
}

TEST_F(BlockTest, EqualsTheReferenceInDouble) {
    Random random(3);
    const MapTable map = mapTable(random, 9, 13, 3, 3, 2, 1, 0.8);
    const Neighbours &n = map.neighbours;
    const BlockProblem p(map, 3, 2, 12, 40, 24, true, true);
    std::vector<double> expanded(size_t(n.inRows + n.edgeRows) * 40);
    for (int32_t r = 0; r < n.inRows + n.edgeRows; r++) {
        for (int32_t c = 0; c < 40; c++) {
            expanded[size_t(r) * 40 + c] =
                r < n.inRows
                    ? bounded(p.expand.sum(c, [&](int32_t) { return p.in.get() + size_t(r) * 12; }), RELU6)
                    : p.edge[size_t(r - n.inRows) * 40 + c];
        }
    }
    Output out(size_t(n.outRows) * 24);
    p.fused(out, 2, 1);
    for (int32_t r = 0; r < n.outRows; r++) {
        std::vector<double> middle(40);
        for (int32_t c = 0; c < 40; c++) {
            const double sum = p.depthwise.sum(
                c, [&](int32_t t) { return expanded.data() + size_t(n.table[size_t(r) * 9 + t]) * 40; });
            middle[c] = bounded(sum, RELU6);
        }
        for (int32_t o = 0; o < 24; o++) {
            const double sum = p.project.sum(o, [&](int32_t) { return middle.data(); });
            ASSERT_NEAR(sum + p.residual[size_t(r) * 24 + o], out[size_t(r) * 24 + o], 2e-5) << r << ',' << o;
        }
    }
}

TEST_F(BlockTest, ExpansionThroughATable) {
    Random random(4);
    for (double active : {1.0, 0.6}) {
        const MapTable first = mapTable(random, 31, 33, 3, 3, 2, 1, active);
        // The second table has the first one's outputs as its inputs: dense maps of the same size, or any table.
        MapTable map = mapTable(random, 16, 17, 3, 3, 1, 1, 1.0);
        if (active < 1) {
            // Keep as many rows as the first map has, by dropping the rest of the image rows' ends.
            map.neighbours.inRows = first.neighbours.outRows;
            for (int64_t i = 0; i < map.neighbours.table.length(); i++) {
                map.neighbours.table[i] = map.neighbours.inRows + int32_t(i % 3);
            }
            for (int32_t y = 0; y <= 16; y++) {
                map.inStart[y] = first.outStart[y];
            }
            for (int32_t y = 0; y < 16; y++) {
                for (int32_t r = map.outStart[y]; r < map.outStart[y + 1]; r++) {
                    for (int32_t e = map.inStart[y]; e < map.inStart[y + 1] && e < map.inStart[y] + 4; e++) {
                        map.neighbours.table[size_t(r) * 9 + 3 + e - map.inStart[y]] = e;
                    }
                }
            }
        }
        ASSERT_EQ(first.neighbours.outRows, map.neighbours.inRows);
        const Neighbours &n = first.neighbours;
        const Input<float> image = randomFloats(random, size_t(n.inRows) * 3);
        const Input<float> imageEdge = randomEdge(random, n.edgeRows, 3);
        const Weights firstWeights(random, 32, 3, 9);

        BlockProblem p(map, 3, 1, 32, 32, 16, false, false);
        Input<float> scratch(size_t(fovea_conv_scratch(3, 9)));
        ASSERT_EQ(0, fovea_conv(image.get(), image.length(), n.inRows, 3, imageEdge.get(), imageEdge.length(),
                                n.edgeRows, n.table.get(), n.table.length(), nullptr, 0, 3, 3, 2, firstWeights.packed.get(),
                                firstWeights.packed.length(), 32, nullptr, 0, p.in.get(), p.in.length(), n.outRows, FOVEA_CLAMP, 0,
                                6, 0, n.outRows, 0, panelsOf(32), scratch.get(), scratch.length()));
        Output expected(size_t(map.neighbours.outRows) * 16);
        p.steps(expected);

        for (int32_t wanted : {0, 1}) {
            Output out(size_t(map.neighbours.outRows) * 16);
            fovea_block b = p.describe(out);
            b.in = image.get();
            b.in_length = image.length();
            b.expand = firstWeights.packed.get();
            b.expand_length = firstWeights.packed.length();
            b.expand_table = n.table.get();
            b.expand_table_length = n.table.length();
            b.expand_edge = imageEdge.get();
            b.expand_edge_length = imageEdge.length();
            b.expand_in_rows = n.inRows;
            b.expand_edge_rows = n.edgeRows;
            b.expand_taps = 9;
            b.cin = 3;
            Output blockScratch(size_t(fovea_block_scratch(&b, wanted)));
            b.scratch = blockScratch.get();
            b.scratch_length = blockScratch.length();
            ASSERT_EQ(0, fovea_block_run(&b, 0, 7));
            ASSERT_EQ(0, fovea_block_run(&b, 7, 16));
            EXPECT_TRUE(expected.sameBits(out)) << "active " << active << " wanted " << wanted;
        }
    }
}

TEST_F(BlockTest, PanelsOfTheProjection) {
    Random random(21);
    for (double active : {1.0, 0.3}) {
        const MapTable map = mapTable(random, 5, 6, 3, 3, 1, 1, active);
        BlockProblem p(map, 3, 1, 48, 48, 150, false, false);
        p.outer = ELU;
        Output expected(size_t(map.neighbours.outRows) * p.cout);
        p.steps(expected);
        const int32_t panels = panelsOf(p.cout);
        Output out(size_t(map.neighbours.outRows) * p.cout);
        fovea_block b = p.describe(out);
        Output scratch(size_t(fovea_block_scratch(&b, 1)));
        b.scratch = scratch.get();
        b.scratch_length = scratch.length();
        for (int32_t from = 0; from < panels; from += 2) {
            b.panel_from = from;
            b.panel_to = std::min(panels, from + 2);
            ASSERT_EQ(0, fovea_block_run(&b, 0, map.outHeight));
        }
        EXPECT_TRUE(expected.sameBits(out)) << "active " << active;
        b.panel_to = panels + 1;
        EXPECT_EQ(-1, fovea_block_run(&b, 0, map.outHeight));
        b.panel_from = -1;
        b.panel_to = 1;
        EXPECT_EQ(-1, fovea_block_run(&b, 0, map.outHeight));
    }
}

TEST_F(BlockTest, ProjectionsOfSomeChannels) {
    Random random(22);
    for (double active : {1.0, 0.5}) {
        for (double share : {0.0, 0.1, 0.55, 1.0}) {
            const MapTable map = mapTable(random, 9, 11, 3, 3, 1, 1, active);
            BlockProblem(map, 3, 1, 576, 576, 40, false, false).checkKept(random, share);
            BlockProblem(map, 3, 1, 33, 33, 7, false, true).checkKept(random, share);
            BlockProblem(map, 3, 1, 5, 70, 24, true, true).checkKept(random, share);
        }
    }
}

TEST_F(BlockTest, RefusesKeptChannelsThatAreNone) {
    Random random(23);
    const MapTable map = mapTable(random, 5, 6, 3, 3, 1, 1, 1.0);
    const BlockProblem p(map, 3, 1, 8, 8, 4, false, false);
    Output out(size_t(map.neighbours.outRows) * 4);
    fovea_block b = p.describe(out);
    Output scratch(size_t(fovea_block_scratch(&b, 1)));
    b.scratch = scratch.get();
    b.scratch_length = scratch.length();
    const auto run = [&](std::vector<int32_t> kept) {
        b.kept = kept.data();
        b.kept_length = int64_t(kept.size());
        return fovea_block_run(&b, 0, map.outHeight);
    };
    EXPECT_EQ(0, run({0, 3, 7}));
    EXPECT_EQ(-1, run({0, 3, 3}));
    EXPECT_EQ(-1, run({3, 0}));
    EXPECT_EQ(-1, run({-1, 0}));
    EXPECT_EQ(-1, run({7, 8}));
    EXPECT_EQ(-1, run({0, 1, 2, 3, 4, 5, 6, 7, 8}));
    const int32_t one = 0;
    b.kept = &one;
    b.kept_length = 0;
    EXPECT_EQ(-1, fovea_block_run(&b, 0, map.outHeight));
    b.kept_length = 1;
    EXPECT_EQ(-1, fovea_block_group(&b, 1, 0, map.outHeight)); // a group reads all channels
}

TEST_F(BlockTest, RefusesATableThatReadsOtherImageRows) {
    Random random(5);
    MapTable map = mapTable(random, 8, 8, 3, 3, 1, 1, 1.0);
    map.neighbours.table[9 * 20 + 4] = 63; // the last row of the map, far below
    const BlockProblem p(map, 3, 1, 4, 8, 8, true, false);
    Output out(size_t(map.neighbours.outRows) * 8);
    fovea_block b = p.describe(out);
    Output scratch(size_t(fovea_block_scratch(&b, 1)));
    b.scratch = scratch.get();
    b.scratch_length = scratch.length();
    EXPECT_EQ(-1, fovea_block_run(&b, 0, 8));
    EXPECT_TRUE(out.untouchedOutside(0, 0));
    EXPECT_EQ(0, fovea_block_run(&b, 4, 8));
}

} // namespace
