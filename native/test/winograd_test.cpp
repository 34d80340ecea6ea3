#include "support.h"

#include <algorithm>

using namespace fovea_test;

namespace {

class WinogradTest : public KernelTest {};

/** A map read by a 3 x 3 window of stride 1, and its outputs in tiles. */
struct Tiled {
    Neighbours n;
    Input<int32_t> patches;
    Input<int32_t> tiles;
    int32_t count;
    int32_t m;
};

Tiled tiled(Random &random, int32_t m, int32_t height, int32_t width, int32_t pad, int32_t dilation, double active) {
    const int32_t outHeight = height + 2 * pad - 2 * dilation;
    const int32_t outWidth = width + 2 * pad - 2 * dilation;
    std::bernoulli_distribution keep(active);
    std::vector<int32_t> inRow(size_t(height) * width, -1);
    int32_t inRows = 0;
    for (int32_t &row : inRow) {
        row = active >= 1 || keep(random) ? inRows++ : -1;
    }
    // Two background values besides padding, by the parity of the site.
    const auto entry = [&](int32_t iy, int32_t ix) {
        const bool inside = iy >= 0 && iy < height && ix >= 0 && ix < width;
        const int32_t row = inside ? inRow[size_t(iy) * width + ix] : -1;
        return !inside ? inRows : row >= 0 ? row : inRows + 1 + (iy + ix) % 2;
    };
    const int32_t reach = dilation * m;
    std::vector<int32_t> entries;
    std::vector<int32_t> outRow(size_t(outHeight) * outWidth, -1);
    int32_t outRows = 0;
    for (int32_t y = 0; y < outHeight; y++) {
        for (int32_t x = 0; x < outWidth; x++) {
            if (active >= 1 || keep(random)) {
                outRow[size_t(y) * outWidth + x] = outRows++;
                for (int32_t tap = 0; tap < 9; tap++) {
                    entries.push_back(entry(y - pad + tap / 3 * dilation, x - pad + tap % 3 * dilation));
                }
            }
        }
    }
    std::vector<int32_t> rows;
    std::vector<int32_t> patches;
    int32_t count = 0;
    for (int32_t y = 0; y < outHeight; y += y % reach == dilation - 1 ? reach - dilation + 1 : 1) {
        for (int32_t x = 0; x < outWidth; x += x % reach == dilation - 1 ? reach - dilation + 1 : 1) {
            std::vector<int32_t> tile;
            for (int32_t i = 0; i < m * m; i++) {
                const int32_t ty = y + i / m * dilation;
                const int32_t tx = x + i % m * dilation;
                tile.push_back(ty < outHeight && tx < outWidth ? outRow[size_t(ty) * outWidth + tx] : -1);
            }
            if (std::all_of(tile.begin(), tile.end(), [](int32_t r) { return r < 0; })) {
                continue;
            }
            rows.insert(rows.end(), tile.begin(), tile.end());
            for (int32_t i = 0; i < (m + 2) * (m + 2); i++) {
                patches.push_back(entry(y - pad + i / (m + 2) * dilation, x - pad + i % (m + 2) * dilation));
            }
            count++;
        }
    }
    const auto copy = [](const std::vector<int32_t> &from) {
        Input<int32_t> to(from.size());
        std::copy(from.begin(), from.end(), to.get());
        return to;
    };
    return {{inRows, 3, 9, outRows, copy(entries)}, copy(patches), copy(rows), count, m};
}

/** Matrices of F(m x m, 3 x 3) with absolute values of their elements, to bound errors. */
struct Magnitudes {
    std::vector<std::vector<double>> input;  // |B^T|
    std::vector<std::vector<double>> weight; // G
    std::vector<std::vector<double>> output; // |A^T|

    explicit Magnitudes(int32_t m) {
        const double p = std::sqrt(0.5);
        const double q = 2 * p;
        if (m == 2) {
            input = {{1, 0, 1, 0}, {0, 1, 1, 0}, {0, 1, 1, 0}, {0, 1, 0, 1}};
            weight = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
            output = {{1, 1, 1, 0}, {0, 1, 1, 1}};
        } else {
            input = {{1, 0, 2.5, 0, 1, 0}, {0, 2 * p, 2, p, 1, 0}, {0, 2 * p, 2, p, 1, 0}, {0, q / 2, .5, q, 1, 0},
                     {0, q / 2, .5, q, 1, 0}, {0, 1, 0, 2.5, 0, 1}};
            weight = {{1, 0, 0}, {-2. / 3, -2. / 3 * p, -1. / 3}, {-2. / 3, 2. / 3 * p, -1. / 3},
                      {1. / 6, q / 6, 1. / 3}, {1. / 6, -q / 6, 1. / 3}, {0, 0, 1}};
            output = {{1, 1, 1, 1, 1, 0}, {0, p, p, q, q, 0}, {0, .5, .5, 2, 2, 0}, {0, p / 2, p / 2, 2 * q, 2 * q, 1}};
        }
    }
};

struct Problem {
    const Tiled &t;
    int32_t cin;
    int32_t cout;
    Random random;
    Input<float> in;
    Input<float> edge;
    Weights weights;
    Input<float> packed;
    Input<float> residual;

    Problem(const Tiled &t, int32_t cin, int32_t cout)
        : t(t), cin(cin), cout(cout), random(cin * 31 + cout + t.n.outRows),
          in(randomFloats(random, size_t(t.n.inRows) * cin)), edge(randomEdge(random, t.n.edgeRows, cin)),
          weights(random, cout, cin, 9), packed(size_t(fovea_winograd_packed_length(cout, cin, t.m))),
          residual(randomFloats(random, size_t(t.n.outRows) * cout)) {
        EXPECT_EQ(0, fovea_winograd_pack(weights.w.get(), weights.w.length(), int64_t(cin) * 9, 9, 1,
                                         weights.bias.get(), cout, cout, cin, t.m, packed.get(), packed.length()));
    }

    int32_t run(Output &out, Bounds clamp, bool add, int32_t from, int32_t to, int32_t panelFrom, int32_t panelTo,
                int32_t atATime = 0) const {
        Output scratch(size_t(atATime ? fovea_winograd_scratch_of(cin, cout, t.m, atATime)
                                      : fovea_winograd_scratch(cin, cout, t.m, t.count)));
        const int32_t status = fovea_winograd(
            in.get(), in.length(), t.n.inRows, cin, edge.get(), edge.length(), t.n.edgeRows, t.patches.get(),
            t.patches.length(), t.tiles.get(), t.tiles.length(), t.count, t.m, packed.get(), packed.length(), cout,
            add ? residual.get() : nullptr, residual.length(), out.get(), out.length(), t.n.outRows, clamp.kind, clamp.lo, clamp.hi,
            from, to, panelFrom, panelTo, scratch.get(), scratch.length());
        EXPECT_TRUE(scratch.untouchedOutside(0, size_t(scratch.length())));
        return status;
    }

    std::string name() const {
        return std::string(fovea_isa()) + " F" + std::to_string(t.m) + " cin " + std::to_string(cin) + " cout " +
               std::to_string(cout) + " outputs " + std::to_string(t.n.outRows) + " tiles " + std::to_string(t.count);
    }

    /**
     * Compares with sums in double. Each output may be off by the bound of docs/performance.md: every rounding on its way
     * is at most 2^-24 of what the transforms' absolute values make of it; there are no more than cin + 24.
     */
    void check(Bounds clamp, bool add) const {
        Output out(size_t(t.n.outRows) * cout);
        ASSERT_EQ(0, run(out, clamp, add, 0, t.count, 0, panelsOf(cout))) << name();
        ASSERT_TRUE(out.untouchedOutside(0, size_t(t.n.outRows) * cout)) << name();
        const Magnitudes magnitude(t.m);
        const int32_t n = t.m + 2;
        const double unit = (cin + 24) * std::pow(2.0, -24) * 1.001;
        std::vector<double> products(n * n);
        for (int32_t tile = 0; tile < t.count; tile++) {
            const int32_t *rows = t.tiles.get() + size_t(tile) * t.m * t.m;
            std::vector<const float *> patch;
            for (int32_t k = 0; k < n * n; k++) {
                const int32_t e = t.patches[size_t(tile) * n * n + k];
                patch.push_back(e < t.n.inRows ? in.get() + size_t(e) * cin : edge.get() + size_t(e - t.n.inRows) * cin);
            }
            const std::vector<double> transformed = patchMagnitudes(magnitude, patch);
            for (int32_t o = 0; o < cout; o++) {
                for (int32_t k = 0; k < n * n; k++) {
                    products[k] = 0;
                    for (int32_t i = 0; i < cin; i++) {
                        products[k] += transformed[size_t(i) * n * n + k] * weightMagnitude(magnitude, o, i, k);
                    }
                }
                for (int32_t i = 0; i < t.m * t.m; i++) {
                    if (rows[i] < 0) {
                        continue;
                    }
                    double bound = std::fabs(weights.bias[o]) + 1;
                    for (int32_t k = 0; k < n * n; k++) {
                        bound += products[k] * magnitude.output[i / t.m][k / n] * magnitude.output[i % t.m][k % n];
                    }
                    double sum = weights.sum(o, [&](int32_t tap) { return t.n.row(in, edge, rows[i], tap, cin); });
                    sum += add ? residual[size_t(rows[i]) * cout + o] : 0.0f;
                    const float got = out[size_t(rows[i]) * cout + o];
                    ASSERT_NEAR(bounded(sum, clamp), got, bound * unit) << name() << " at " << rows[i] << ',' << o;
                    // In practice far less: rounding errors are random. Sums of cin * 9 products of values up to 1.
                    ASSERT_NEAR(bounded(sum, clamp), got, 3 * tolerance(size_t(cin) * 9))
                        << name() << " at " << rows[i] << ',' << o;
                }
            }
        }
    }

  private:
    /** |B^T| |d| |B| of each channel. */
    std::vector<double> patchMagnitudes(const Magnitudes &magnitude, const std::vector<const float *> &patch) const {
        const int32_t n = t.m + 2;
        std::vector<double> result(size_t(cin) * n * n);
        for (int32_t i = 0; i < cin; i++) {
            for (int32_t k = 0; k < n * n; k++) {
                double sum = 0;
                for (int32_t at = 0; at < n * n; at++) {
                    sum += magnitude.input[k / n][at / n] * magnitude.input[k % n][at % n] * std::fabs(patch[at][i]);
                }
                result[size_t(i) * n * n + k] = sum;
            }
        }
        return result;
    }

    /** |G g G^T|. */
    double weightMagnitude(const Magnitudes &magnitude, int32_t o, int32_t i, int32_t k) const {
        const int32_t n = t.m + 2;
        double sum = 0;
        for (int32_t tap = 0; tap < 9; tap++) {
            sum += magnitude.weight[k / n][tap / 3] * magnitude.weight[k % n][tap % 3] *
                   weights.w[(size_t(o) * cin + i) * 9 + tap];
        }
        return std::fabs(sum);
    }
};

TEST_F(WinogradTest, SizesAroundTheTiles) {
    Random random(1);
    int32_t turn = 0;
    for (int32_t m : {2, 4}) {
        for (int32_t height : {1, 3, 4, 5, 8, 11}) {
            for (int32_t width : {1, 2, 4, 6, 13}) {
                for (double active : {1.0, 0.5, 0.1}) {
                    const Tiled t = tiled(random, m, height, width, 1, 1, active);
                    turn++;
                    const int32_t cin = std::vector<int32_t>{1, 3, 16, 17, 8}[turn % 5];
                    const int32_t cout = std::vector<int32_t>{1, 8, 16, 24, 33, 40, 70}[turn % 7];
                    Problem(t, cin, cout).check(turn % 2 ? RELU6 : NO_CLAMP, turn % 3 == 0);
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

TEST_F(WinogradTest, AnyPaddingAndDilation) {
    Random random(2);
    for (int32_t m : {2, 4}) {
        for (int32_t dilation : {1, 2, 6}) {
            for (int32_t pad : {0, 1, dilation, dilation + 2}) {
                for (double active : {1.0, 0.4}) {
                    const Tiled t = tiled(random, m, 14, 15, pad, dilation, active);
                    Problem(t, 5, 19).check(pad % 2 ? NARROW : ELU, true);
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

TEST_F(WinogradTest, ManyChannels) {
    Random random(3);
    for (int32_t m : {2, 4}) {
        Problem(tiled(random, m, 9, 8, 1, 1, 1.0), 300, 36).check(NO_CLAMP, false);
        Problem(tiled(random, m, 6, 13, 1, 1, 0.5), 64, 130).check(NO_CLAMP, true);
    }
}

TEST_F(WinogradTest, AnySplitAndAnyScratchGiveTheSameBits) {
    Random random(4);
    for (int32_t m : {2, 4}) {
        for (double active : {1.0, 0.5}) {
            const Tiled t = tiled(random, m, 27, 30, 1, 1, active);
            const Problem p(t, 20, 70);
            Output whole(size_t(t.n.outRows) * 70);
            ASSERT_EQ(0, p.run(whole, RELU6, true, 0, t.count, 0, panelsOf(70), t.count));
            for (int32_t step : {1, 5, 13, 40}) {
                Output split(size_t(t.n.outRows) * 70);
                for (int32_t panel = 0; panel < panelsOf(70); panel++) {
                    for (int32_t from = 0; from < t.count; from += step) {
                        ASSERT_EQ(0, p.run(split, RELU6, true, from, std::min(t.count, from + step), panel, panel + 1,
                                           1 + from % 9));
                    }
                }
                EXPECT_TRUE(whole.sameBits(split)) << p.name() << " step " << step;
            }
        }
    }
}

TEST_F(WinogradTest, WritesItsOwnTilesOnly) {
    Random random(5);
    const Tiled t = tiled(random, 4, 12, 12, 1, 1, 1.0);
    const Problem p(t, 8, 40);
    Output out(size_t(t.n.outRows) * 40);
    ASSERT_EQ(0, p.run(out, NO_CLAMP, false, 3, 5, 0, 1));
    const int32_t columns = std::min(40, fovea_panel_columns());
    for (int32_t r = 0; r < t.n.outRows; r++) {
        const int32_t *tiles = t.tiles.get();
        const bool mine = std::find(tiles + 3 * 16, tiles + 5 * 16, r) != tiles + 5 * 16;
        for (int32_t o = 0; o < 40; o++) {
            ASSERT_EQ(!mine || o >= columns, out.untouched(size_t(r) * 40 + o)) << r << ',' << o;
        }
    }
}

TEST_F(WinogradTest, AResultDoesNotDependOnWhatElseIsWanted) {
    Random random(8);
    for (int32_t m : {2, 4}) {
        const Tiled all = tiled(random, m, 13, 10, 1, 1, 1.0);
        Tiled some = tiled(random, m, 13, 10, 1, 1, 1.0);
        std::bernoulli_distribution keep(0.3);
        for (int64_t i = 0; i < all.tiles.length(); i++) {
            some.tiles[i] = keep(random) ? all.tiles[i] : -1;
        }
        Output whole(size_t(all.n.outRows) * 20);
        Output part(size_t(all.n.outRows) * 20);
        ASSERT_EQ(0, Problem(all, 7, 20).run(whole, RELU6, true, 0, all.count, 0, panelsOf(20)));
        ASSERT_EQ(0, Problem(some, 7, 20).run(part, RELU6, true, 0, all.count, 0, panelsOf(20)));
        for (int64_t i = 0; i < all.tiles.length(); i++) {
            for (int32_t o = 0; o < 20 && all.tiles[i] >= 0; o++) {
                const size_t at = size_t(all.tiles[i]) * 20 + o;
                const bool wanted = some.tiles[i] >= 0;
                ASSERT_EQ(!wanted, part.untouched(at)) << all.tiles[i];
                ASSERT_TRUE(!wanted || whole[at] == part[at]) << fovea_isa() << " row " << all.tiles[i];
            }
        }
    }
}

TEST_F(WinogradTest, RefusesEntriesOutOfRange) {
    Random random(6);
    for (int32_t m : {2, 4}) {
        Tiled t = tiled(random, m, 7, 7, 1, 1, 0.6);
        Output out(size_t(t.n.outRows) * 8);
        for (int32_t wrong : {-1, INT32_MIN, t.n.inRows + t.n.edgeRows, INT32_MAX}) {
            const int32_t right = t.patches[40];
            t.patches[40] = wrong;
            EXPECT_EQ(-8, Problem(t, 4, 8).run(out, NO_CLAMP, false, 0, t.count, 0, panelsOf(8))) << wrong;
            t.patches[40] = right;
        }
        for (int32_t wrong : {-2, INT32_MIN, t.n.outRows, INT32_MAX}) {
            const int32_t right = t.tiles[5];
            t.tiles[5] = wrong;
            EXPECT_EQ(-8, Problem(t, 4, 8).run(out, NO_CLAMP, false, 0, t.count, 0, panelsOf(8))) << wrong;
            t.tiles[5] = right;
        }
        EXPECT_TRUE(out.untouchedOutside(0, size_t(t.n.outRows) * 8));
    }
}

TEST_F(WinogradTest, RefusesWhatDoesNotFit) {
    Random random(7);
    const Tiled t = tiled(random, 4, 8, 8, 1, 1, 1.0);
    const Problem p(t, 16, 32);
    Output out(size_t(t.n.outRows) * 32);
    Output scratch(size_t(fovea_winograd_scratch_of(16, 32, 4, 1)));
    // Every length and size, one too small at a time; the number of the refused argument comes back.
    const auto call = [&](int32_t which, int64_t delta) {
        int64_t v[31] = {0,
                         0,
                         p.in.length(),
                         t.n.inRows,
                         16,
                         0,
                         p.edge.length(),
                         t.n.edgeRows,
                         0,
                         t.patches.length(),
                         0,
                         t.tiles.length(),
                         t.count,
                         4,
                         0,
                         p.packed.length(),
                         32,
                         0,
                         p.residual.length(),
                         0,
                         out.length(),
                         t.n.outRows,
                         FOVEA_CLAMP,
                         0,
                         0,
                         0,
                         t.count,
                         0,
                         panelsOf(32),
                         0,
                         scratch.length()};
        v[which] += delta;
        const auto i = [&](int32_t at) { return static_cast<int32_t>(v[at]); };
        return fovea_winograd(p.in.get(), v[2], i(3), i(4), p.edge.get(), v[6], i(7), t.patches.get(), v[9],
                              t.tiles.get(), v[11], i(12), i(13), p.packed.get(), v[15], i(16), p.residual.get(), v[18],
                              out.get(), v[20], i(21), i(22), -INF, INF, i(25), i(26), i(27), i(28), scratch.get(), v[30]);
    };
    ASSERT_EQ(0, call(0, 0));
    EXPECT_EQ(-2, call(2, -1));
    EXPECT_EQ(-3, call(3, -1000));
    EXPECT_EQ(-4, call(4, -16));
    EXPECT_EQ(-6, call(6, -1));
    EXPECT_EQ(-7, call(7, -3));
    EXPECT_EQ(-9, call(9, -1));
    EXPECT_EQ(-11, call(11, -1));
    EXPECT_EQ(-12, call(12, -1000));
    EXPECT_EQ(-13, call(13, 1));
    EXPECT_EQ(-15, call(15, -1));
    EXPECT_EQ(-16, call(16, -32));
    EXPECT_EQ(-18, call(18, -1));
    EXPECT_EQ(-20, call(20, -1));
    EXPECT_EQ(-21, call(21, -1000));
    EXPECT_EQ(-22, call(22, -1));
    EXPECT_EQ(-22, call(22, FOVEA_ACTIVATIONS));
    EXPECT_EQ(-25, call(25, -1));
    EXPECT_EQ(-25, call(26, 1));
    EXPECT_EQ(-27, call(27, -1));
    EXPECT_EQ(-27, call(28, 1));
    EXPECT_EQ(-30, call(30, -1));
}

TEST_F(WinogradTest, SizesOutOfRangeHaveNoLength) {
    EXPECT_EQ(-1, fovea_winograd_packed_length(0, 8, 4));
    EXPECT_EQ(-1, fovea_winograd_packed_length(8, 1 << 21, 4));
    EXPECT_EQ(-1, fovea_winograd_packed_length(8, 8, 3));
    EXPECT_EQ(-1, fovea_winograd_scratch(8, 8, 6, 1));
    EXPECT_EQ(-1, fovea_winograd_scratch(0, 8, 4, 1));
    EXPECT_EQ(-1, fovea_winograd_scratch_of(8, 8, 4, 0));
    Input<float> w(9);
    Input<float> packed(size_t(fovea_winograd_packed_length(1, 1, 4)));
    EXPECT_EQ(-2, fovea_winograd_pack(w.get(), 8, 9, 9, 1, nullptr, 0, 1, 1, 4, packed.get(), packed.length()));
    EXPECT_EQ(-7, fovea_winograd_pack(w.get(), 9, 9, 9, 1, w.get(), 0, 1, 1, 4, packed.get(), packed.length()));
    EXPECT_EQ(-10, fovea_winograd_pack(w.get(), 9, 9, 9, 1, nullptr, 0, 1, 1, 5, packed.get(), packed.length()));
    EXPECT_EQ(-12, fovea_winograd_pack(w.get(), 9, 9, 9, 1, nullptr, 0, 1, 1, 4, packed.get(), packed.length() - 1));
}

} // namespace
