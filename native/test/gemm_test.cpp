#include "support.h"

using namespace fovea_test;

namespace {

const int32_t ROWS[] = {1, 2, 5, 6, 7, 11, 12, 13, 14, 25};
const int32_t DEPTHS[] = {1, 3, 16, 33, 96};
const int32_t COLUMNS[] = {1, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 48, 49, 65, 96};

class GemmTest : public KernelTest {};

struct Problem {
    int32_t rows;
    int32_t k;
    int32_t n;
    Random random;
    Input<float> in;
    Weights weights;
    Input<float> residual;

    Problem(int32_t rows, int32_t k, int32_t n, bool bias = true)
        : rows(rows), k(k), n(n), random(rows * 7919 + k * 101 + n), in(randomFloats(random, size_t(rows) * k)),
          weights(random, n, k, 1, bias), residual(randomFloats(random, size_t(rows) * n)) {}

    int32_t run(Output &out, Bounds clamp, bool add, int32_t from, int32_t to, int32_t panelFrom,
                int32_t panelTo) const {
        return fovea_gemm(in.get(), in.length(), rows, k, weights.packed.get(), weights.packed.length(), n,
                          add ? residual.get() : nullptr, residual.length(), out.get(), out.length(), clamp.kind, clamp.lo,
                          clamp.hi, from, to, panelFrom, panelTo);
    }

    double expected(int32_t r, int32_t c, Bounds clamp, bool add) const {
        const double sum = weights.sum(c, [&](int32_t) { return in.get() + size_t(r) * k; });
        return bounded(sum + (add ? residual[size_t(r) * n + c] : 0.0f), clamp);
    }

    void check(const Output &out, Bounds clamp, bool add) const {
        for (int32_t r = 0; r < rows; r++) {
            for (int32_t c = 0; c < n; c++) {
                ASSERT_NEAR(expected(r, c, clamp, add), out[size_t(r) * n + c], tolerance(k))
                    << fovea_isa() << " rows " << rows << " k " << k << " n " << n << " at " << r << ',' << c;
            }
        }
    }
};

TEST_F(GemmTest, EqualsTheReferenceAroundTileEdges) {
    for (int32_t rows : ROWS) {
        for (int32_t k : DEPTHS) {
            for (int32_t n : COLUMNS) {
                const Problem p(rows, k, n, (rows + n) % 3 != 0);
                const bool add = (rows + k + n) % 2 == 0;
                for (Bounds clamp : {NO_CLAMP, RELU6, NARROW, HARD_SWISH, ELU}) {
                    Output out(size_t(rows) * n);
                    ASSERT_EQ(0, p.run(out, clamp, add, 0, rows, 0, panelsOf(n)));
                    ASSERT_TRUE(out.untouchedOutside(0, size_t(rows) * n)) << rows << ' ' << k << ' ' << n;
                    p.check(out, clamp, add);
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

TEST_F(GemmTest, EqualsTheReferenceWithWeightsLargerThanTheCache) {
    for (int32_t rows : {1, 4, 100, 230}) {
        const Problem p(rows, 960, 100);
        Output out(size_t(rows) * 100);
        ASSERT_EQ(0, p.run(out, RELU6, true, 0, rows, 0, panelsOf(100)));
        p.check(out, RELU6, true);
    }
}

TEST_F(GemmTest, AnySplitOfRowsAndPanelsGivesTheSameBits) {
    for (int32_t n : {17, 33, 96, 150}) {
        for (int32_t k : {5, 700}) {
            const int32_t rows = 121;
            const Problem p(rows, k, n);
            Output whole(size_t(rows) * n);
            ASSERT_EQ(0, p.run(whole, RELU6, true, 0, rows, 0, panelsOf(n)));
            Output again(size_t(rows) * n);
            ASSERT_EQ(0, p.run(again, RELU6, true, 0, rows, 0, panelsOf(n)));
            EXPECT_TRUE(whole.sameBits(again));
            for (int32_t step : {1, 5, 7, 12, 50}) {
                Output split(size_t(rows) * n);
                for (int32_t panel = 0; panel < panelsOf(n); panel++) {
                    for (int32_t from = 0; from < rows; from += step) {
                        ASSERT_EQ(0, p.run(split, RELU6, true, from, std::min(rows, from + step), panel, panel + 1));
                    }
                }
                EXPECT_TRUE(whole.sameBits(split)) << "n " << n << " k " << k << " step " << step;
            }
        }
    }
}

TEST_F(GemmTest, WritesOnlyItsRowsAndPanels) {
    const int32_t n = 2 * fovea_panel_columns() + 3;
    const Problem p(20, 8, n);
    Output out(20 * size_t(n));
    ASSERT_EQ(0, p.run(out, NO_CLAMP, false, 3, 9, 1, 2));
    for (int32_t r = 0; r < 20; r++) {
        for (int32_t c = 0; c < n; c++) {
            const bool mine = r >= 3 && r < 9 && c >= fovea_panel_columns() && c < 2 * fovea_panel_columns();
            ASSERT_EQ(!mine, out.untouched(size_t(r) * n + c)) << r << ',' << c;
        }
    }
}

TEST_F(GemmTest, ResidualMayBeTheOutput) {
    const Problem p(25, 16, 40);
    Output separate(25 * 40);
    ASSERT_EQ(0, p.run(separate, NO_CLAMP, true, 0, 25, 0, panelsOf(40)));
    Output out(25 * 40);
    std::copy(p.residual.get(), p.residual.get() + 25 * 40, out.get());
    ASSERT_EQ(0, fovea_gemm(p.in.get(), p.in.length(), 25, 16, p.weights.packed.get(), p.weights.packed.length(), 40,
                            out.get(), out.length(), out.get(), out.length(), FOVEA_CLAMP, -INF, INF, 0, 25, 0, panelsOf(40)));
    EXPECT_TRUE(separate.sameBits(out));
}

TEST_F(GemmTest, NaNStaysNaNUnderAClamp) {
    Problem p(3, 4, 5);
    p.in[4] = std::nanf("");
    Output out(15);
    ASSERT_EQ(0, p.run(out, RELU6, false, 0, 3, 0, panelsOf(5)));
    for (int32_t c = 0; c < 5; c++) {
        EXPECT_FALSE(std::isnan(out[c]));
        EXPECT_TRUE(std::isnan(out[5 + c]));
        EXPECT_FALSE(std::isnan(out[10 + c]));
    }
}

TEST_F(GemmTest, EmptyRangesAndEmptyInputsAreLegal) {
    const Problem p(4, 4, 4);
    Output out(16);
    EXPECT_EQ(0, p.run(out, NO_CLAMP, false, 2, 2, 0, panelsOf(4)));
    EXPECT_EQ(0, p.run(out, NO_CLAMP, false, 0, 4, 0, 0));
    EXPECT_TRUE(out.untouchedOutside(0, 0));
    EXPECT_EQ(0, fovea_gemm(nullptr, 0, 0, 4, p.weights.packed.get(), p.weights.packed.length(), 4, nullptr, 0,
                            nullptr, 0, FOVEA_CLAMP, 0, 6, 0, 0, 0, panelsOf(4)));
}

TEST_F(GemmTest, AnyLayoutOfTheWeightsPacksAlike) {
    Random random(5);
    const int32_t cout = 37;
    const int32_t cin = 5;
    const int32_t taps = 9;
    const Weights oihw(random, cout, cin, taps);
    Input<float> hwio(size_t(cout) * cin * taps);
    for (int32_t o = 0; o < cout; o++) {
        for (int32_t i = 0; i < cin; i++) {
            for (int32_t t = 0; t < taps; t++) {
                hwio[(size_t(t) * cin + i) * cout + o] = oihw.w[(size_t(o) * cin + i) * taps + t];
            }
        }
    }
    Input<float> packed(size_t(oihw.packed.length()));
    ASSERT_EQ(0, fovea_conv_pack(hwio.get(), hwio.length(), 1, cout, int64_t(cin) * cout, oihw.bias.get(), cout, cout,
                                 cin, taps, packed.get(), packed.length()));
    EXPECT_EQ(0, std::memcmp(packed.get(), oihw.packed.get(), size_t(packed.length()) * sizeof(float)));
}

} // namespace
