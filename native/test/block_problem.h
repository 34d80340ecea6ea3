// An inverted residual over one map, and what its fused run must equal.
#pragma once

#include "support.h"

namespace fovea_test {

/** An inverted residual over one map, run fused or as its three or two steps. */
struct BlockProblem {
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
    const Input<int32_t> *kept = nullptr;
    const Weights *narrow = nullptr; // of the kept channels
    Bounds inner = RELU6;
    Bounds outer = NO_CLAMP;

    BlockProblem(const MapTable &map, int32_t kernel, int32_t stride, int32_t cin, int32_t channels, int32_t cout,
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
        b.project = kept ? narrow->packed.get() : project.packed.get();
        b.project_length = kept ? narrow->packed.length() : project.packed.length();
        b.kept = kept ? kept->get() : nullptr;
        b.kept_length = kept ? kept->length() : 0;
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
        int32_t inputs = channels;
        const Weights *weights = &project;
        if (kept) {
            std::vector<float> some;
            for (int32_t r = 0; r < n.outRows; r++) {
                for (int64_t i = 0; i < kept->length(); i++) {
                    some.push_back(middle[size_t(r) * channels + (*kept)[i]]);
                }
            }
            middle = some;
            inputs = int32_t(kept->length());
            weights = narrow;
        }
        ASSERT_EQ(0, fovea_gemm(middle.data(), int64_t(middle.size()), n.outRows, inputs, weights->packed.get(),
                                weights->packed.length(), cout, add ? residual.get() : nullptr, residual.length(),
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

    /** The same with a projection that reads only some channels. */
    void checkKept(Random &random, double share) {
        std::vector<int32_t> some;
        std::uniform_real_distribution<double> die(0, 1);
        for (int32_t c = 0; c < channels; c++) {
            if (die(random) < share || (c == channels - 1 && some.empty())) {
                some.push_back(c);
            }
        }
        Input<int32_t> list(some.size());
        std::copy(some.begin(), some.end(), list.get());
        const Weights weights(random, cout, int32_t(some.size()), 1);
        kept = &list;
        narrow = &weights;
        check();
        kept = nullptr;
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
                    << " kept " << (kept ? kept->length() : channels) << " step " << step << " scratch share " << share << (lines ? " lines" : runs ? " runs" : " table");
            }
        }
    }
};

} // namespace fovea_test
