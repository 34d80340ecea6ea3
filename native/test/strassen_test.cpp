#include "support.h"

using namespace fovea_test;

namespace {

class StrassenTest : public KernelTest {};

/** A matrix of doubles, row by row. */
struct Matrix {
    size_t rows;
    size_t columns;
    std::vector<double> v;

    Matrix(size_t rows, size_t columns) : rows(rows), columns(columns), v(rows * columns) {}

    double &at(size_t r, size_t c) { return v[r * columns + c]; }
    double at(size_t r, size_t c) const { return v[r * columns + c]; }

    Matrix quarter(size_t i, size_t j) const {
        Matrix q(rows / 2, columns / 2);
        for (size_t r = 0; r < q.rows; r++) {
            for (size_t c = 0; c < q.columns; c++) {
                q.at(r, c) = at(r + i * q.rows, c + j * q.columns);
            }
        }
        return q;
    }
    Matrix operator+(const Matrix &o) const {
        Matrix sum = *this;
        for (size_t i = 0; i < v.size(); i++) {
            sum.v[i] += o.v[i];
        }
        return sum;
    }
    Matrix operator*(const Matrix &o) const {
        Matrix product(rows, o.columns);
        for (size_t r = 0; r < rows; r++) {
            for (size_t k = 0; k < columns; k++) {
                for (size_t c = 0; c < o.columns; c++) {
                    product.at(r, c) += at(r, k) * o.at(k, c);
                }
            }
        }
        return product;
    }
};

/** What all terms of the fast product come to if none cancels, for matrices of absolute values. */
Matrix magnitude(int32_t levels, const Matrix &a, const Matrix &b) {
    if (levels == 0) {
        return a * b;
    }
    const Matrix a11 = a.quarter(0, 0), a12 = a.quarter(0, 1), a21 = a.quarter(1, 0), a22 = a.quarter(1, 1);
    const Matrix b11 = b.quarter(0, 0), b12 = b.quarter(0, 1), b21 = b.quarter(1, 0), b22 = b.quarter(1, 1);
    const Matrix s1 = a21 + a22, s2 = s1 + a11, s3 = a11 + a21, s4 = a12 + s2;
    const Matrix t1 = b12 + b11, t2 = b22 + t1, t3 = b22 + b12, t4 = t2 + b21;
    const auto times = [=](const Matrix &x, const Matrix &y) { return magnitude(levels - 1, x, y); };
    const Matrix p1 = times(a11, b11), p5 = times(s1, t1), u2 = p1 + times(s2, t2), u3 = u2 + times(s3, t3);
    const Matrix c[2][2] = {{p1 + times(a12, b21), u2 + p5 + times(s4, b22)}, {u3 + times(a22, t4), u3 + p5}};
    Matrix whole(a.rows, b.columns);
    for (size_t r = 0; r < whole.rows; r++) {
        for (size_t n = 0; n < whole.columns; n++) {
            const size_t i = r / (whole.rows / 2), j = n / (whole.columns / 2);
            whole.at(r, n) = c[i][j].at(r - i * whole.rows / 2, n - j * whole.columns / 2);
        }
    }
    return whole;
}

struct Problem {
    int32_t rows;
    int32_t k;
    int32_t n;
    int32_t levels;
    Random random;
    Input<float> in;
    Weights weights;
    Input<float> packed;
    Input<float> residual;

    Problem(int32_t rows, int32_t k, int32_t n, int32_t levels, bool bias = true)
        : rows(rows), k(k), n(n), levels(levels), random(rows * 7919 + k * 101 + n),
          in(randomFloats(random, size_t(rows) * k)), weights(random, n, k, 1, bias),
          packed(size_t(fovea_strassen_packed_length(n, k, levels))),
          residual(randomFloats(random, size_t(rows) * n)) {
        EXPECT_EQ(0, fovea_strassen_pack(weights.w.get(), weights.w.length(), k, 1, bias ? weights.bias.get() : nullptr, n,
                                         n, k, levels, packed.get(), packed.length()));
    }

    int32_t run(Output &out, Bounds clamp, const float *add, int32_t from, int32_t to) const {
        Output scratch(size_t(fovea_strassen_scratch(k, n, levels, to - from)));
        const int32_t status =
            fovea_strassen(in.get(), in.length(), rows, k, packed.get(), packed.length(), levels, n, add, residual.length(),
                           out.get(), out.length(), clamp.kind, clamp.lo, clamp.hi, from, to, scratch.get(), scratch.length());
        EXPECT_TRUE(scratch.untouchedOutside(0, size_t(scratch.length())));
        return status;
    }

    /**
     * Compares a group with sums in double: within the bound of docs/performance.md, and within three times of what a direct sum is
     * allowed.
     */
    void check(const Output &out, Bounds clamp, bool add, int32_t from, int32_t to) const {
        const int32_t whole = (to - from + (1 << levels) - 1) >> levels << levels;
        Matrix a(static_cast<size_t>(whole), size_t(k));
        Matrix b(static_cast<size_t>(k), size_t(n));
        for (size_t i = 0; i < size_t(to - from) * k; i++) {
            a.v[i] = std::fabs(in[size_t(from) * k + i]);
        }
        for (int32_t o = 0; o < n; o++) {
            for (int32_t i = 0; i < k; i++) {
                b.at(size_t(i), size_t(o)) = std::fabs(weights.w[size_t(o) * k + i]);
            }
        }
        const Matrix most = magnitude(levels, a, b);
        const double unit = std::ldexp((k >> levels) + 8 * levels + 3, -24);
        for (int32_t r = from; r < to; r++) {
            for (int32_t c = 0; c < n; c++) {
                const size_t at = size_t(r) * n + c;
                const double sum = weights.sum(c, [&](int32_t) { return in.get() + size_t(r) * k; });
                const double expected = bounded(sum + (add ? residual[at] : 0.0f), clamp);
                const double magnitudes =
                    most.at(size_t(r - from), size_t(c)) + std::fabs(weights.bias[c]) + std::fabs(residual[at]);
                ASSERT_NEAR(expected, out[at], unit * magnitudes) << name() << " at " << r << ',' << c;
                ASSERT_NEAR(expected, out[at], 3 * tolerance(size_t(k))) << name() << " at " << r << ',' << c;
            }
        }
    }

    std::string name() const {
        return std::string(fovea_isa()) + " rows " + std::to_string(rows) + " k " + std::to_string(k) + " n " +
               std::to_string(n) + " levels " + std::to_string(levels);
    }
};

TEST_F(StrassenTest, EqualsTheReferenceAndHoldsItsBound) {
    for (int32_t levels : {1, 2}) {
        const int32_t unit = 16 << levels;
        for (int32_t rows : {1, 2, 3, 4, 5, 7, 8, 13, 24, 26, 49, 51}) {
            for (int32_t k : {unit, 3 * unit}) {
                for (int32_t n : {unit, 2 * unit, 3 * unit}) {
                    const Problem p(rows, k, n, levels, (rows + n / unit) % 3 != 0);
                    for (bool add : {false, true}) {
                        const Bounds clamp = rows % 3 == 0 ? NO_CLAMP : rows % 3 == 1 ? RELU6 : add ? HARD_SWISH : NARROW;
                        Output out(size_t(rows) * n);
                        ASSERT_EQ(0, p.run(out, clamp, add ? p.residual.get() : nullptr, 0, rows));
                        ASSERT_TRUE(out.untouchedOutside(0, size_t(rows) * n)) << p.name();
                        p.check(out, clamp, add, 0, rows);
                        if (HasFatalFailure()) {
                            return;
                        }
                    }
                }
            }
        }
    }
}

TEST_F(StrassenTest, EqualsTheReferenceWithLargeWeights) {
    for (int32_t levels : {1, 2}) {
        const Problem p(90, 512, 256, levels);
        Output out(90 * 256);
        ASSERT_EQ(0, p.run(out, RELU6, nullptr, 0, 90));
        p.check(out, RELU6, false, 0, 90);
    }
}

TEST_F(StrassenTest, AGroupIsWrittenAloneAndAlwaysAlike) {
    for (int32_t levels : {1, 2}) {
        const Problem p(40, 64, 128, levels);
        for (int32_t to : {23, 24, 27}) {
            Output once(40 * 128);
            Output again(40 * 128);
            ASSERT_EQ(0, p.run(once, NARROW, p.residual.get(), 3, to));
            ASSERT_TRUE(once.untouchedOutside(3 * 128, size_t(to) * 128));
            p.check(once, NARROW, true, 3, to);
            ASSERT_EQ(0, p.run(again, NARROW, p.residual.get(), 3, to));
            EXPECT_TRUE(once.sameBits(again));
        }
        Output none(40 * 128);
        ASSERT_EQ(0, p.run(none, NARROW, nullptr, 5, 5));
        EXPECT_TRUE(none.untouchedOutside(0, 0));
    }
}

TEST_F(StrassenTest, ResidualMayBeTheOutput) {
    const Problem p(30, 64, 64, 2);
    Output separate(30 * 64);
    ASSERT_EQ(0, p.run(separate, RELU6, p.residual.get(), 0, 30));
    Output out(30 * 64);
    std::copy(p.residual.get(), p.residual.get() + 30 * 64, out.get());
    ASSERT_EQ(0, p.run(out, RELU6, out.get(), 0, 30));
    EXPECT_TRUE(separate.sameBits(out));
}

TEST_F(StrassenTest, AnyLayoutOfTheWeightsPacksAlike) {
    const Problem p(1, 64, 128, 2);
    Input<float> turned(64 * 128);
    for (int32_t o = 0; o < 128; o++) {
        for (int32_t i = 0; i < 64; i++) {
            turned[size_t(i) * 128 + o] = p.weights.w[size_t(o) * 64 + i];
        }
    }
    Input<float> packed(size_t(p.packed.length()));
    ASSERT_EQ(0, fovea_strassen_pack(turned.get(), turned.length(), 1, 128, p.weights.bias.get(), 128, 128, 64, 2,
                                     packed.get(), packed.length()));
    EXPECT_EQ(0, std::memcmp(packed.get(), p.packed.get(), size_t(packed.length()) * sizeof(float)));
}

TEST_F(StrassenTest, RefusesWhatDoesNotFit) {
    EXPECT_EQ(-1, fovea_strassen_packed_length(48, 64, 1));
    EXPECT_EQ(-1, fovea_strassen_packed_length(64, 48, 1));
    EXPECT_EQ(-1, fovea_strassen_packed_length(64, 32, 2));
    EXPECT_EQ(-1, fovea_strassen_packed_length(128, 128, 0));
    EXPECT_EQ(-1, fovea_strassen_packed_length(128, 128, 3));
    EXPECT_EQ(-1, fovea_strassen_packed_length(0, 64, 1));
    EXPECT_EQ(-1, fovea_strassen_scratch(64, 64, 1, -1));
    EXPECT_EQ(-1, fovea_block_group_scratch(nullptr, 1, 0, 0));
    EXPECT_EQ(-1, fovea_block_group(nullptr, 1, 0, 0));
    const Problem p(8, 32, 32, 1);
    Output out(8 * 32);
    Output scratch(size_t(fovea_strassen_scratch(32, 32, 1, 8)));
    const auto run = [&](int64_t in, int32_t k, int64_t packed, int32_t levels, int32_t n, int64_t add, int64_t length,
                         int32_t from, int32_t to, int64_t work,
                         int32_t f = FOVEA_CLAMP) {
        return fovea_strassen(p.in.get(), in, 8, k, p.packed.get(), packed, levels, n, p.residual.get(), add, out.get(),
                              length, f, 0, 6, from, to, scratch.get(), work);
    };
    const int64_t weights = p.packed.length();
    const int64_t work = scratch.length();
    EXPECT_EQ(-2, run(255, 32, weights, 1, 32, 256, 256, 0, 8, work));
    EXPECT_EQ(-4, run(256, 0, weights, 1, 32, 256, 256, 0, 8, work));
    EXPECT_EQ(-6, run(256, 32, weights - 1, 1, 32, 256, 256, 0, 8, work));
    EXPECT_EQ(-7, run(256, 32, weights, 2, 32, 256, 256, 0, 8, work));
    EXPECT_EQ(-8, run(256, 32, weights, 1, -1, 256, 256, 0, 8, work));
    EXPECT_EQ(-10, run(256, 32, weights, 1, 32, 255, 256, 0, 8, work));
    EXPECT_EQ(-12, run(256, 32, weights, 1, 32, 256, 255, 0, 8, work));
    EXPECT_EQ(-13, run(256, 32, weights, 1, 32, 256, 256, 0, 8, work, -1));
    EXPECT_EQ(-16, run(256, 32, weights, 1, 32, 256, 256, 9, 8, work));
    EXPECT_EQ(-19, run(256, 32, weights, 1, 32, 256, 256, 0, 8, work - 1));
    EXPECT_TRUE(out.untouchedOutside(0, 0));
    EXPECT_EQ(0, run(256, 32, weights, 1, 32, 256, 256, 0, 8, work));
    const Weights &w = p.weights;
    std::vector<float> packed(size_t(weights), 0.0f);
    const auto pack = [&](int64_t length, int64_t so, int64_t bias, int32_t cout, int32_t levels, int64_t to) {
        return fovea_strassen_pack(w.w.get(), length, so, 1, w.bias.get(), bias, cout, 32, levels, packed.data(), to);
    };
    EXPECT_EQ(-2, pack(1023, 32, 32, 32, 1, weights));
    EXPECT_EQ(-2, pack(1024, -32, 32, 32, 1, weights));
    EXPECT_EQ(-6, pack(1024, 32, 31, 32, 1, weights));
    EXPECT_EQ(-7, pack(1024, 32, 32, 0, 1, weights));
    EXPECT_EQ(-9, pack(1024, 32, 32, 32, 2, weights));
    EXPECT_EQ(-11, pack(1024, 32, 32, 32, 1, weights - 1));
    EXPECT_EQ(0, pack(1024, 32, 32, 32, 1, weights));
}

/** A depthwise convolution and a projection over one map, as one group or step by step. */
struct BlockProblem {
    const MapTable &map;
    int32_t stride;
    int32_t channels;
    int32_t cout;
    int32_t levels;
    bool add;
    Random random;
    Input<float> in;
    DepthwiseWeights depthwise;
    Weights project;
    Input<float> packed;
    Input<float> edge;
    Input<float> residual;

    BlockProblem(const MapTable &map, int32_t stride, int32_t channels, int32_t cout, int32_t levels, bool add)
        : map(map), stride(stride), channels(channels), cout(cout), levels(levels), add(add), random(channels + cout),
          in(randomFloats(random, size_t(map.neighbours.inRows) * channels)), depthwise(random, channels, 9),
          project(random, cout, channels, 1), packed(size_t(fovea_strassen_packed_length(cout, channels, levels))),
          edge(randomEdge(random, map.neighbours.edgeRows, channels)),
          residual(randomFloats(random, size_t(map.neighbours.outRows) * cout)) {
        EXPECT_EQ(0, fovea_strassen_pack(project.w.get(), project.w.length(), channels, 1, project.bias.get(), cout, cout,
                                         channels, levels, packed.get(), packed.length()));
    }

    fovea_block describe(Output &out, const Input<int32_t> *runs, const MapLines *lines = nullptr) const {
        const Neighbours &n = map.neighbours;
        fovea_block b{};
        b.in = in.get();
        b.in_length = in.length();
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
        b.project = packed.get();
        b.project_length = packed.length();
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
        b.cin = b.channels = channels;
        b.cout = cout;
        b.edge_rows = n.edgeRows;
        b.out_rows = n.outRows;
        b.in_height = map.inHeight;
        b.out_height = map.outHeight;
        b.kh = b.kw = 3;
        b.stride = stride;
        b.pad_top = map.padTop;
        b.depthwise_activation = FOVEA_CLAMP;
        b.depthwise_beta = 6;
        b.project_activation = FOVEA_HARD_SWISH;
        b.project_alpha = 1.0f / 6;
        b.project_beta = 0.5f;
        return b;
    }

    void steps(Output &out, int32_t step) const {
        const Neighbours &n = map.neighbours;
        std::vector<float> middle(size_t(n.outRows) * channels);
        ASSERT_EQ(0, fovea_depthwise(in.get(), in.length(), n.inRows, channels, edge.get(), edge.length(), n.edgeRows,
                                     n.table.get(), n.table.length(), nullptr, 0, 3, 3, stride, depthwise.packed.get(),
                                     depthwise.packed.length(), middle.data(), int64_t(middle.size()), n.outRows, FOVEA_CLAMP, 0, 6, 0,
                                     n.outRows));
        for (int32_t y = 0; y < map.outHeight; y += step) {
            const int32_t from = map.outStart[y];
            const int32_t to = map.outStart[std::min(map.outHeight, y + step)];
            std::vector<float> scratch(size_t(fovea_strassen_scratch(channels, cout, levels, to - from)));
            ASSERT_EQ(0, fovea_strassen(middle.data(), int64_t(middle.size()), n.outRows, channels, packed.get(),
                                        packed.length(), levels, cout, add ? residual.get() : nullptr, residual.length(),
                                        out.get(), out.length(), FOVEA_HARD_SWISH, 1.0f / 6, 0.5f, from, to, scratch.data(),
                                        int64_t(scratch.size())));
        }
    }

    void check(const Input<int32_t> *runs, const MapLines *lines = nullptr) const {
        for (int32_t step : {1, 2, 3, 100}) {
            Output expected(size_t(map.neighbours.outRows) * cout);
            steps(expected, step);
            Output out(size_t(map.neighbours.outRows) * cout);
            fovea_block b = describe(out, runs, lines);
            for (int32_t y = 0; y < map.outHeight; y += step) {
                const int32_t end = std::min(map.outHeight, y + step);
                Output scratch(size_t(fovea_block_group_scratch(&b, levels, y, end)));
                b.scratch = scratch.get();
                b.scratch_length = scratch.length();
                ASSERT_EQ(0, fovea_block_group(&b, levels, y, end));
                ASSERT_TRUE(scratch.untouchedOutside(0, size_t(scratch.length())));
            }
            ASSERT_TRUE(out.untouchedOutside(0, size_t(out.length())));
            ASSERT_TRUE(expected.sameBits(out)) << fovea_isa() << " levels " << levels << " stride " << stride << " height "
                                                << map.inHeight << " rows " << map.neighbours.inRows << " step " << step;
        }
    }
};

TEST_F(StrassenTest, ABlockEqualsItsStepsBitForBit) {
    Random random(6);
    for (double active : {1.0, 0.6, 0.0}) {
        for (int32_t stride : {1, 2}) {
            for (int32_t size : {1, 4, 9, 16}) {
                const MapTable map = mapTable(random, size, size + 2, 3, 3, stride, 1, active);
                const Input<int32_t> runs = toldRuns(random, map, 3, 3, stride, 0.2);
                const MapLines lines = mapLines(random, map, 0.2);
                for (int32_t levels : {1, 2}) {
                    const BlockProblem p(map, stride, 64, 128, levels, levels == size % 3);
                    p.check(nullptr);
                    p.check(&runs);
                    p.check(nullptr, &lines);
                    if (HasFatalFailure()) {
                        return;
                    }
                }
            }
        }
    }
}

TEST_F(StrassenTest, ABlockRefusesWrongEntriesSizesAndScratch) {
    Random random(7);
    MapTable map = mapTable(random, 4, 4, 3, 3, 1, 1, 1.0);
    const BlockProblem p(map, 1, 32, 32, 1, false);
    Output out(16 * 32);
    fovea_block b = p.describe(out, nullptr);
    Output scratch(size_t(fovea_block_group_scratch(&b, 1, 0, 4)));
    b.scratch = scratch.get();
    b.scratch_length = scratch.length();
    EXPECT_EQ(-2, fovea_block_group(&b, 2, 0, 4));
    EXPECT_EQ(-3, fovea_block_group(&b, 1, -1, 4));
    EXPECT_EQ(-4, fovea_block_group(&b, 1, 0, 5));
    EXPECT_EQ(-1, fovea_block_group_scratch(&b, 1, 3, 2));
    b.scratch_length--;
    EXPECT_EQ(-1, fovea_block_group(&b, 1, 0, 4));
    b.scratch_length++;
    b.project_length--;
    EXPECT_EQ(-1, fovea_block_group(&b, 1, 0, 4));
    b.project_length++;
    b.expand = p.project.packed.get();
    b.expand_length = p.project.packed.length();
    EXPECT_EQ(-1, fovea_block_group(&b, 1, 0, 4));
    b.expand = nullptr;
    map.neighbours.table[9 * 5] = 19; // one after the edge's rows
    EXPECT_EQ(-1, fovea_block_group(&b, 1, 0, 4));
    map.neighbours.table[9 * 5] = 0;
    EXPECT_EQ(0, fovea_block_group(&b, 1, 0, 4));
}

} // namespace
