#include "support.h"

using namespace fovea_test;

namespace {

class BlockTest : public KernelTest {};

/** An inverted residual over one map, run fused or as its three or two steps. */
struct Problem {
    const MapTable &map;
    int32_t kernel;
    int32_t stride;
    int32_t cin;
    int32_t channels;
    int32_t cout;
    bool expands;
    bool add;
    Random random;
    Input<float> in;
    Weights expand;
    DepthwiseWeights depthwise;
    Weights project;
    Input<float> edge;
    Input<float> residual;
    const Input<int32_t> *runs = nullptr;
    const MapLines *lines = nullptr;
    Bounds inner = RELU6;
    Bounds outer = NO_CLAMP;

    Problem(const MapTable &map, int32_t kernel, int32_t stride, int32_t cin, int32_t channels, int32_t cout,
            bool expands, bool add)
        : map(map), kernel(kernel), stride(stride), cin(cin), channels(channels), cout(cout), expands(expands),
          add(add), random(cin * 31 + channels + cout), in(randomFloats(random, size_t(map.neighbours.inRows) * cin)),
          expand(random, channels, cin, 1), depthwise(random, channels, kernel * kernel),
          project(random, cout, channels, 1), edge(randomEdge(random, map.neighbours.edgeRows, channels)),
          residual(randomFloats(random, size_t(map.neighbours.outRows) * cout)) {}

    fovea_block describe(Output &out) const {
        const Neighbours &n = map.neighbours;
        fovea_block b{};
        b.in = in.get();
        b.in_length = in.length();
        b.expand = expands ? expand.packed.get() : nullptr;
        b.expand_length = expand.packed.length();
        b.edge = edge.get();
        b.edge_length = edge.length();
        b.table = runs || lines ? nullptr : n.table.get();
        b.table_length = runs || lines ? 0 : n.table.length();
        b.runs = runs ? runs->get() : nullptr;
        b.runs_length = runs ? runs->length() : 0;
        b.lines = lines ? lines->lines.get() : nullptr;
        b.lines_length = lines ? lines->lines.length() : 0;
        b.sites = lines ? lines->sites.get() : nullptr;
        b.sites_length = lines ? lines->sites.length() : 0;
        b.pad_left = map.padTop;
        b.out_width = map.outWidth;
        b.depthwise = depthwise.packed.get();
        b.depthwise_length = depthwise.packed.length();
        b.project = project.packed.get();
        b.project_length = project.packed.length();
        b.residual = add ? residual.get() : nullptr;
        b.residual_length = residual.length();
        b.out = out.get();
        b.out_length = out.length();
        b.in_start = map.inStart.get();
        b.in_start_length = map.inStart.length();
        b.out_start = map.outStart.get();
        b.out_start_length = map.outStart.length();
        b.expand_in_rows = b.in_rows = n.inRows;
        b.expand_taps = 1;
        b.cin = cin;
        b.channels = channels;
        b.cout = cout;
        b.edge_rows = n.edgeRows;
        b.out_rows = n.outRows;
        b.in_height = map.inHeight;
        b.out_height = map.outHeight;
        b.kh = b.kw = kernel;
        b.stride = stride;
        b.pad_top = map.padTop;
        b.expand_activation = b.depthwise_activation = inner.kind;
        b.expand_alpha = b.depthwise_alpha = inner.lo;
        b.expand_beta = b.depthwise_beta = inner.hi;
        b.project_activation = outer.kind;
        b.project_alpha = outer.lo;
        b.project_beta = outer.hi;
        return b;
    }

    void steps(Output &out) const {
        const Neighbours &n = map.neighbours;
        std::vector<float> expanded(size_t(n.inRows) * channels);
        std::vector<float> middle(size_t(n.outRows) * channels);
        const float *source = in.get();
        if (expands) {
            ASSERT_EQ(0, fovea_gemm(in.get(), in.length(), n.inRows, cin, expand.packed.get(), expand.packed.length(),
                                    channels, nullptr, 0, expanded.data(), int64_t(expanded.size()), inner.kind, inner.lo, inner.hi, 0, n.inRows,
                                    0, panelsOf(channels)));
            source = expanded.data();
        }
        ASSERT_EQ(0, fovea_depthwise(source, int64_t(n.inRows) * channels, n.inRows, channels, edge.get(),
                                     edge.length(), n.edgeRows, n.table.get(), n.table.length(), nullptr, 0, kernel,
                                     kernel,
                                     stride, depthwise.packed.get(), depthwise.packed.length(), middle.data(),
                                     int64_t(middle.size()), n.outRows, inner.kind, inner.lo, inner.hi, 0, n.outRows));
        ASSERT_EQ(0, fovea_gemm(middle.data(), int64_t(middle.size()), n.outRows, channels, project.packed.get(),
                                project.packed.length(), cout, add ? residual.get() : nullptr, residual.length(),
                                out.get(), out.length(), outer.kind, outer.lo, outer.hi, 0, n.outRows, 0, panelsOf(cout)));
    }

    /** Runs rows in bands of `step` image rows with scratch between the least (0) and the wanted length (1). */
    void fused(Output &out, int32_t step, double share) const {
        fovea_block b = describe(out);
        const int64_t least = fovea_block_scratch(&b, 0);
        const int64_t best = fovea_block_scratch(&b, 1);
        ASSERT_GT(least, 0);
        ASSERT_GE(best, least);
        Output scratch(size_t(double(least) + share * double(best - least)));
        b.scratch = scratch.get();
        b.scratch_length = scratch.length();
        for (int32_t y = 0; y < map.outHeight; y += step) {
            ASSERT_EQ(0, fovea_block_run(&b, y, std::min(map.outHeight, y + step)));
        }
        ASSERT_TRUE(scratch.untouchedOutside(0, size_t(scratch.length())));
        ASSERT_TRUE(out.untouchedOutside(0, size_t(out.length())));
    }

    /** The same with runs told instead of a table, all or some of them cut. */
    void checkRuns(Random &cuts) {
        for (double cut : {0.0, 0.4}) {
            const Input<int32_t> told = toldRuns(cuts, map, kernel, kernel, stride, cut);
            runs = &told;
            check();
            runs = nullptr;
        }
    }

    /** The same with lines, all or some of their stretches cut. */
    void checkLines(Random &cuts) {
        for (double cut : {0.0, 0.4}) {
            const MapLines told = mapLines(cuts, map, cut);
            lines = &told;
            check();
            lines = nullptr;
        }
    }

    void check() const {
        Output expected(size_t(map.neighbours.outRows) * cout);
        steps(expected);
        for (int32_t step : {1, 2, 5, 1000}) {
            for (double share : {0.0, 0.4, 1.0, 2.5}) {
                Output out(size_t(map.neighbours.outRows) * cout);
                fused(out, step, share);
                ASSERT_TRUE(expected.sameBits(out))
                    << fovea_isa() << ' ' << cin << "->" << channels << "->" << cout << " kernel " << kernel
                    << " stride " << stride << " height " << map.inHeight << " rows " << map.neighbours.inRows
                    << " step " << step << " scratch share " << share << (lines ? " lines" : runs ? " runs" : " table");
            }
        }
    }
};

TEST_F(BlockTest, EqualsItsStepsBitForBit) {
    Random random(1);
    for (double active : {1.0, 0.7, 0.2, 0.0}) {
        for (int32_t stride : {1, 2}) {
            for (int32_t size : {1, 2, 5, 19, 38}) {
                const MapTable map = mapTable(random, size, size + 2, 3, 3, stride, 1, active);
                Problem(map, 3, stride, 16, 96, 24, true, false).check();
                Problem(map, 3, stride, 5, 33, 7, true, true).check();
                Problem(map, 3, stride, 5, 33, 7, true, true).checkRuns(random);
                Problem(map, 3, stride, 5, 33, 7, true, true).checkLines(random);
                Problem(map, 3, stride, 32, 32, 16, false, true).check();
                Problem(map, 3, stride, 32, 32, 16, false, true).checkRuns(random);
                Problem(map, 3, stride, 32, 32, 16, false, true).checkLines(random);
                if (HasFatalFailure()) {
                    return;
                }
            }
        }
    }
}

TEST_F(BlockTest, LargeWeightsOtherKernelsAndPads) {
    Random random(2);
    Problem(mapTable(random, 10, 10, 3, 3, 1, 1, 1.0), 3, 1, 160, 960, 96, true, false).check();
    Problem(mapTable(random, 21, 20, 5, 5, 1, 2, 1.0), 5, 1, 8, 40, 24, true, true).check();
    Problem(mapTable(random, 21, 20, 5, 5, 2, 2, 0.6), 5, 2, 8, 40, 24, true, false).check();
    const MapTable wide = mapTable(random, 21, 20, 5, 5, 1, 2, 0.8);
    Problem(wide, 5, 1, 8, 40, 24, true, true).checkRuns(random);
    const MapTable strided = mapTable(random, 21, 20, 5, 5, 2, 2, 0.8);
    Problem(strided, 5, 2, 8, 40, 24, true, false).checkRuns(random);
    Problem(mapTable(random, 20, 20, 3, 3, 2, 0, 1.0), 3, 2, 8, 40, 24, true, false).check();
    Problem(mapTable(random, 31, 9, 2, 2, 4, 0, 0.8), 2, 4, 8, 40, 24, true, false).check(); // rows that nobody reads
}

TEST_F(BlockTest, ImageRowsOfManyShortRuns) {
    Random random(10);
    for (double active : {0.95, 0.7, 0.4}) {
        for (int32_t stride : {1, 2}) {
            for (int32_t width : {3, 19, 90, 400, 1300}) {
                MapTable map = mapTable(random, width > 400 ? 3 : width > 90 ? 5 : 9, width, 3, 3, stride, 1, active);
                Problem(map, 3, stride, 8, 64, 16, true, true).checkRuns(random);
                Problem(map, 3, stride, 8, 64, 16, true, true).checkLines(random);
                Problem(map, 3, stride, 70, 70, 9, false, false).checkRuns(random);
                Problem(map, 3, stride, 70, 70, 9, false, false).checkLines(random);
                Problem swish(map, 3, stride, 5, 100, 9, true, false);
                swish.inner = HARD_SWISH;
                swish.checkRuns(random);
                swish.checkLines(random);
                // The first column of an image row may be any number.
                for (int32_t &column : map.outColumn) {
                    column += 1000;
                }
                Problem(map, 3, stride, 8, 64, 16, true, true).checkRuns(random);
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
        Problem p(map, 3, stride, 6, 64, 8, trial % 3 > 0, false);
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
        Problem p(map, 3, stride, 6, 64, 8, trial % 3 > 0, false);
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
    Problem p(map, 3, 1, 6, 32, 8, true, false);
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
        Problem p(map, 3, 1, 12, 40, 24, true, true);
        p.inner = HARD_SWISH;
        p.outer = ELU;
        p.check();
        p.inner = ELU;
        p.checkRuns(random);
        const MapTable large = mapTable(random, 13, 17, 5, 5, 2, 2, active);
        Problem wide(large, 5, 2, 12, 40, 24, true, false);
        wide.inner = HARD_SWISH;
        wide.check();
    }
}

TEST_F(BlockTest, EqualsTheReferenceInDouble) {
    Random random(3);
    const MapTable map = mapTable(random, 9, 13, 3, 3, 2, 1, 0.8);
    const Neighbours &n = map.neighbours;
    const Problem p(map, 3, 2, 12, 40, 24, true, true);
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

        Problem p(map, 3, 1, 32, 32, 16, false, false);
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
        Problem p(map, 3, 1, 48, 48, 150, false, false);
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

TEST_F(BlockTest, RefusesATableThatReadsOtherImageRows) {
    Random random(5);
    MapTable map = mapTable(random, 8, 8, 3, 3, 1, 1, 1.0);
    map.neighbours.table[9 * 20 + 4] = 63; // the last row of the map, far below
    const Problem p(map, 3, 1, 4, 8, 8, true, false);
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
