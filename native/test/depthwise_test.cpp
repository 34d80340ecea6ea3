#include "support.h"

using namespace fovea_test;

namespace {

class DepthwiseTest : public KernelTest {};

struct Problem {
    const Neighbours &n;
    int32_t kh;
    int32_t kw;
    int32_t channels;
    Random random;
    Input<float> in;
    Input<float> edge;
    DepthwiseWeights weights;

    Problem(const Neighbours &n, int32_t kh, int32_t kw, int32_t channels)
        : n(n), kh(kh), kw(kw), channels(channels), random(channels * 31 + n.outRows),
          in(randomFloats(random, size_t(n.inRows) * channels)), edge(randomEdge(random, n.edgeRows, channels)),
          weights(random, channels, kh * kw) {}

    int32_t run(Output &out, int32_t stride, Bounds clamp, int32_t from, int32_t to,
                const Input<int32_t> *runs = nullptr) const {
        return fovea_depthwise(in.get(), in.length(), n.inRows, channels, edge.get(), edge.length(), n.edgeRows,
                               runs ? nullptr : n.table.get(), runs ? 0 : n.table.length(), runs ? runs->get() : nullptr,
                               runs ? runs->length() : 0, kh,
                               kw, stride, weights.packed.get(),
                               weights.packed.length(), out.get(), out.length(), n.outRows, clamp.kind, clamp.lo, clamp.hi, from,
                               to);
    }

    void check(int32_t stride, Bounds clamp) const {
        Output out(size_t(n.outRows) * channels);
        ASSERT_EQ(0, run(out, stride, clamp, 0, n.outRows));
        ASSERT_TRUE(out.untouchedOutside(0, size_t(n.outRows) * channels));
        for (int32_t r = 0; r < n.outRows; r++) {
            for (int32_t c = 0; c < channels; c++) {
                const double sum = weights.sum(c, [&](int32_t t) { return n.row(in, edge, r, t, channels); });
                ASSERT_NEAR(bounded(sum, clamp), out[size_t(r) * channels + c], tolerance(n.taps))
                    << fovea_isa() << ' ' << kh << 'x' << kw << " stride " << stride << " channels " << channels
                    << " at " << r << ',' << c;
            }
        }
    }
};

const int32_t CHANNELS[] = {1, 3, 4, 5, 8, 15, 16, 17, 24, 31, 32, 33, 47, 48, 96};

TEST_F(DepthwiseTest, RandomTables) {
    Random random(1);
    for (int32_t kernel : {1, 2, 3, 5, 7, 9}) {
        for (int32_t outputs : {1, 2, 7, 40}) {
            const Neighbours n = randomTable(random, 30, 4, kernel * kernel, outputs);
            for (int32_t channels : CHANNELS) {
                for (int32_t stride : {1, 2, 3}) {
                    Problem(n, kernel, kernel, channels).check(stride, stride == 2 ? NO_CLAMP : stride == 1 ? NARROW : HARD_SWISH);
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

TEST_F(DepthwiseTest, DenseAndSparseMaps) {
    Random random(2);
    for (double active : {1.0, 0.8, 0.3}) {
        for (int32_t kernel : {3, 5}) {
            for (int32_t stride : {1, 2}) {
                for (int32_t size : {1, 2, 6, 19, 40}) {
                    const MapTable map = mapTable(random, size, size + 3, kernel, kernel, stride, kernel / 2, active);
                    for (int32_t channels : {3, 16, 24, 33}) {
                        const Problem p(map.neighbours, kernel, kernel, channels);
                        p.check(stride, RELU6);
                        p.check(stride, HARD_SWISH);
                        p.check(3 - stride, RELU6); // a wrong hint costs time, never the result
                        if (HasFatalFailure()) {
                            return;
                        }
                    }
                }
            }
        }
    }
}

TEST_F(DepthwiseTest, RectangularKernels) {
    Random random(3);
    Problem(mapTable(random, 12, 17, 1, 5, 1, 0, 1.0).neighbours, 1, 5, 20).check(1, NO_CLAMP);
    Problem(mapTable(random, 12, 17, 5, 1, 1, 0, 1.0).neighbours, 5, 1, 20).check(1, NO_CLAMP);
    Problem(mapTable(random, 12, 17, 2, 3, 3, 0, 0.7).neighbours, 2, 3, 9).check(3, RELU6);
    Problem(mapTable(random, 12, 17, 2, 2, 4, 0, 1.0).neighbours, 2, 2, 9).check(4, RELU6);
}

TEST_F(DepthwiseTest, AnySplitGivesTheSameBits) {
    Random random(4);
    for (int32_t kernel : {3, 5}) {
        for (int32_t stride : {1, 2}) {
            const MapTable map = mapTable(random, 14, 37, kernel, kernel, stride, 1, 0.9);
            const int32_t rows = map.neighbours.outRows;
            const Problem p(map.neighbours, kernel, kernel, 40);
            Output whole(size_t(rows) * 40);
            ASSERT_EQ(0, p.run(whole, stride, RELU6, 0, rows));
            for (int32_t step : {1, 3, 16, 50}) {
                Output split(size_t(rows) * 40);
                for (int32_t from = 0; from < rows; from += step) {
                    ASSERT_EQ(0, p.run(split, stride, RELU6, from, std::min(rows, from + step)));
                }
                EXPECT_TRUE(whole.sameBits(split)) << kernel << " stride " << stride << " step " << step;
            }
        }
    }
}

TEST_F(DepthwiseTest, ToldRunsGiveTheSameBits) {
    Random random(6);
    for (double active : {1.0, 0.9, 0.5}) {
        for (int32_t kernel : {3, 5}) {
            for (int32_t stride : {1, 2, 3}) {
                for (int32_t size : {1, 4, 17, 70}) {
                    const MapTable map = mapTable(random, 6, size, kernel, kernel, stride, kernel / 2, active);
                    const int32_t rows = map.neighbours.outRows;
                    for (int32_t channels : {3, 16, 40}) {
                        const Problem p(map.neighbours, kernel, kernel, channels);
                        Output expected(size_t(rows) * channels);
                        ASSERT_EQ(0, p.run(expected, stride, RELU6, 0, rows));
                        for (double cut : {0.0, 0.3, 1.0}) {
                            const Input<int32_t> told = toldRuns(random, map, kernel, kernel, stride, cut);
                            for (int32_t step : {1, 7, 1000}) {
                                Output out(size_t(rows) * channels);
                                for (int32_t from = 0; from < rows; from += step) {
                                    ASSERT_EQ(0, p.run(out, stride, RELU6, from, std::min(rows, from + step), &told));
                                }
                                ASSERT_TRUE(expected.sameBits(out))
                                    << fovea_isa() << " kernel " << kernel << " stride " << stride << " width " << size
                                    << " active " << active << " channels " << channels << " cut " << cut;
                            }
                        }
                    }
                }
            }
        }
    }
}

TEST_F(DepthwiseTest, WrongRunsReadNothingOutside) {
    Random random(7);
    int32_t refused = 0;
    for (int32_t kernel : {3, 5}) {
        for (int32_t stride : {1, 2}) {
            for (int32_t trial = 0; trial < 200; trial++) {
                const MapTable map = mapTable(random, 5, 24, kernel, kernel, stride, 1, trial % 2 ? 0.7 : 1.0);
                const int32_t rows = map.neighbours.outRows;
                Input<int32_t> told = toldRuns(random, map, kernel, kernel, stride, 0.2);
                const Problem p(map.neighbours, kernel, kernel, 20);
                std::uniform_int_distribution<int64_t> place(0, std::max<int64_t>(0, told.length() - 1));
                std::uniform_int_distribution<int32_t> any(-3, map.neighbours.inRows + 6);
                for (int32_t i = 0; told.length() && i <= trial % 4; i++) {
                    told[size_t(place(random))] = trial % 7 ? any(random) : INT32_MAX - trial;
                }
                Output out(size_t(rows) * 20);
                refused += p.run(out, stride, RELU6, 0, rows, &told) != 0; // memory is guarded on both sides
                ASSERT_TRUE(out.untouchedOutside(0, size_t(rows) * 20));
            }
        }
    }
    EXPECT_GT(refused, 400);
}

TEST_F(DepthwiseTest, WritesOnlyItsRows) {
    Random random(5);
    const Neighbours n = randomTable(random, 10, 2, 9, 12);
    const Problem p(n, 3, 3, 19);
    Output out(12 * 19);
    ASSERT_EQ(0, p.run(out, 1, NO_CLAMP, 4, 9));
    EXPECT_TRUE(out.untouchedOutside(4 * 19, 9 * 19));
    EXPECT_FALSE(out.untouched(4 * 19));
    EXPECT_FALSE(out.untouched(9 * 19 - 1));
}

} // namespace
