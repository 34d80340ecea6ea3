#include "support.h"

using namespace fovea_test;

namespace {

class ConvTest : public KernelTest {};

struct Problem {
    const Neighbours &n;
    int32_t cin;
    int32_t cout;
    Random random;
    Input<float> in;
    Input<float> edge;
    Weights weights;
    Input<float> residual;

    Problem(const Neighbours &n, int32_t cin, int32_t cout)
        : n(n), cin(cin), cout(cout), random(cin * 31 + cout + n.outRows),
          in(randomFloats(random, size_t(n.inRows) * cin)), edge(randomEdge(random, n.edgeRows, cin)),
          weights(random, cout, cin, n.taps), residual(randomFloats(random, size_t(n.outRows) * cout)) {}

    int32_t run(Output &out, Bounds clamp, bool add, int32_t from, int32_t to, int32_t panelFrom, int32_t panelTo,
                int64_t extraScratch = 0, const Input<int32_t> *runs = nullptr, int32_t kh = 1,
                int32_t stride = 1) const {
        Output scratch(size_t(fovea_conv_scratch(cin, n.taps) + extraScratch));
        const int32_t status =
            fovea_conv(in.get(), in.length(), n.inRows, cin, edge.get(), edge.length(), n.edgeRows,
                       runs ? nullptr : n.table.get(), runs ? 0 : n.table.length(), runs ? runs->get() : nullptr,
                       runs ? runs->length() : 0, kh, n.taps / kh, stride, weights.packed.get(), weights.packed.length(), cout,
                       add ? residual.get() : nullptr, residual.length(), out.get(), out.length(), n.outRows, clamp.kind, clamp.lo,
                       clamp.hi, from, to, panelFrom, panelTo, scratch.get(), scratch.length());
        EXPECT_TRUE(scratch.untouchedOutside(0, size_t(scratch.length())));
        return status;
    }

    void check(Bounds clamp, bool add) const {
        Output out(size_t(n.outRows) * cout);
        ASSERT_EQ(0, run(out, clamp, add, 0, n.outRows, 0, panelsOf(cout)));
        ASSERT_TRUE(out.untouchedOutside(0, size_t(n.outRows) * cout));
        for (int32_t r = 0; r < n.outRows; r++) {
            for (int32_t o = 0; o < cout; o++) {
                double sum = weights.sum(o, [&](int32_t t) { return n.row(in, edge, r, t, cin); });
                sum += add ? residual[size_t(r) * cout + o] : 0.0f;
                ASSERT_NEAR(bounded(sum, clamp), out[size_t(r) * cout + o], tolerance(size_t(cin) * n.taps))
                    << fovea_isa() << " cin " << cin << " cout " << cout << " taps " << n.taps << " outputs "
                    << n.outRows << " at " << r << ',' << o;
            }
        }
    }
};

TEST_F(ConvTest, RandomTables) {
    Random random(1);
    for (int32_t outputs : {1, 2, 6, 11, 12, 13, 25}) {
        for (int32_t taps : {1, 2, 9, 25}) {
            const Neighbours n = randomTable(random, 20, 3, taps, outputs);
            for (int32_t cin : {1, 3, 8, 17}) {
                for (int32_t cout : {1, 16, 24, 33}) {
                    Problem(n, cin, cout).check(cin % 2 ? RELU6 : NO_CLAMP, cout % 2 == 0);
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

TEST_F(ConvTest, FirstLayersOfDenseAndSparseMaps) {
    Random random(2);
    for (double active : {1.0, 0.6, 0.1}) {
        for (int32_t size : {1, 2, 7, 16, 29}) {
            for (int32_t stride : {1, 2}) {
                for (int32_t pad : {0, 1}) {
                    if (size + 2 * pad < 3) {
                        continue;
                    }
                    const MapTable map = mapTable(random, size, size + 1, 3, 3, stride, pad, active);
                    for (int32_t cin : {3, 8}) {
                        Problem(map.neighbours, cin, 33).check(RELU6, false);
                        if (HasFatalFailure()) {
                            return;
                        }
                    }
                }
            }
        }
    }
}

TEST_F(ConvTest, TheLastRowBesidePaddingIsNotARun) {
    // In a window of one row the padding's entry follows that of the last site as if it were its neighbour.
    for (int32_t edgeRows : {1, 3}) {
        Neighbours n{20, edgeRows, 3, 20, Input<int32_t>(60)};
        for (int32_t r = 0; r < 20; r++) {
            for (int32_t t = 0; t < 3; t++) {
                n.table[r * 3 + t] = std::min(20 + edgeRows - 1, r + t);
            }
        }
        for (int32_t cin : {1, 3, 16}) {
            Problem(n, cin, 24).check(NO_CLAMP, false);
        }
    }
}

TEST_F(ConvTest, ManyChannelsAndOneByOneWindows) {
    Random random(3);
    Problem(mapTable(random, 9, 8, 3, 3, 1, 1, 1.0).neighbours, 128, 40).check(NARROW, true);
    Problem(mapTable(random, 9, 8, 3, 3, 1, 1, 0.7).neighbours, 20, 40).check(ELU, true);
    Problem(mapTable(random, 9, 8, 1, 1, 2, 0, 1.0).neighbours, 40, 20).check(NO_CLAMP, false);
    Problem(mapTable(random, 12, 30, 1, 1, 1, 0, 0.5).neighbours, 4, 8).check(NO_CLAMP, true);
    Problem(mapTable(random, 12, 30, 7, 7, 2, 3, 1.0).neighbours, 3, 16).check(RELU6, false);
}

TEST_F(ConvTest, AnySplitAndAnyScratchGiveTheSameBits) {
    Random random(4);
    const MapTable map = mapTable(random, 20, 31, 3, 3, 2, 1, 0.9);
    const MapTable dense = mapTable(random, 20, 31, 3, 3, 2, 1, 1.0);
    for (const Neighbours *n : {&map.neighbours, &dense.neighbours}) {
        const Problem p(*n, 3, 70);
        Output whole(size_t(n->outRows) * 70);
        ASSERT_EQ(0, p.run(whole, RELU6, true, 0, n->outRows, 0, panelsOf(70), 4096));
        for (int32_t step : {1, 5, 13, 40}) {
            Output split(size_t(n->outRows) * 70);
            for (int32_t panel = 0; panel < panelsOf(70); panel++) {
                for (int32_t from = 0; from < n->outRows; from += step) {
                    ASSERT_EQ(0,
                              p.run(split, RELU6, true, from, std::min(n->outRows, from + step), panel, panel + 1));
                }
            }
            EXPECT_TRUE(whole.sameBits(split)) << "step " << step;
        }
    }
}

TEST_F(ConvTest, ToldRunsGiveTheSameBits) {
    Random random(5);
    for (double active : {1.0, 0.9, 0.5}) {
        for (int32_t kernel : {3, 5}) {
            for (int32_t stride : {1, 2}) {
                for (int32_t size : {1, 9, 40}) {
                    const MapTable map = mapTable(random, 7, size, kernel, kernel, stride, kernel / 2, active);
                    const int32_t rows = map.neighbours.outRows;
                    for (int32_t cin : {1, 3, 8, 512}) {
                        const Problem p(map.neighbours, cin, 33);
                        Output expected(size_t(rows) * 33);
                        ASSERT_EQ(0, p.run(expected, RELU6, true, 0, rows, 0, panelsOf(33)));
                        for (double cut : {0.0, 0.2, 1.0}) {
                            const Input<int32_t> told = toldRuns(random, map, kernel, kernel, stride, cut);
                            for (int32_t step : {1, 13, 1000}) {
                                Output out(size_t(rows) * 33);
                                for (int32_t from = 0; from < rows; from += step) {
                                    ASSERT_EQ(0, p.run(out, RELU6, true, from, std::min(rows, from + step), 0, panelsOf(33),
                                                       0, &told, kernel, stride));
                                }
                                ASSERT_TRUE(expected.sameBits(out))
                                    << fovea_isa() << " kernel " << kernel << " stride " << stride << " width " << size
                                    << " active " << active << " cin " << cin << " cut " << cut;
                            }
                        }
                    }
                }
            }
        }
    }
}

TEST_F(ConvTest, WrongRunsReadNothingOutside) {
    Random random(6);
    int32_t refused = 0;
    for (int32_t stride : {1, 2}) {
        for (int32_t trial = 0; trial < 200; trial++) {
            const MapTable map = mapTable(random, 5, 24, 3, 3, stride, 1, trial % 2 ? 0.7 : 1.0);
            const int32_t rows = map.neighbours.outRows;
            Input<int32_t> told = toldRuns(random, map, 3, 3, stride, 0.2);
            const Problem p(map.neighbours, 3, 20);
            std::uniform_int_distribution<int64_t> place(0, std::max<int64_t>(0, told.length() - 1));
            std::uniform_int_distribution<int32_t> any(-3, map.neighbours.inRows + 6);
            for (int32_t i = 0; told.length() && i <= trial % 4; i++) {
                told[size_t(place(random))] = trial % 7 ? any(random) : INT32_MAX - trial;
            }
            Output out(size_t(rows) * 20);
            refused += p.run(out, RELU6, false, 0, rows, 0, panelsOf(20), 0, &told, 3, stride) != 0;
            ASSERT_TRUE(out.untouchedOutside(0, size_t(rows) * 20)); // memory is guarded on both sides
        }
    }
    EXPECT_GT(refused, 200);
}

} // namespace
