#include "support.h"

using namespace fovea_test;

namespace {

class RowsTest : public KernelTest {};

TEST_F(RowsTest, AddsWithClamp) {
    Random random(1);
    for (int32_t length : {1, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 100}) {
        const Input<float> a = randomFloats(random, length);
        const Input<float> b = randomFloats(random, length);
        for (Bounds clamp : {NO_CLAMP, RELU6, NARROW}) {
            Output out(length);
            ASSERT_EQ(0, fovea_add(a.get(), length, b.get(), length, out.get(), length, clamp.lo, clamp.hi, 0, length));
            ASSERT_TRUE(out.untouchedOutside(0, length));
            for (int32_t i = 0; i < length; i++) {
                ASSERT_EQ(static_cast<float>(bounded(a[i] + b[i], clamp)), out[i]);
            }
        }
        Output part(length);
        ASSERT_EQ(0, fovea_add(a.get(), length, b.get(), length, part.get(), length, -INF, INF, length / 2, length));
        ASSERT_TRUE(part.untouchedOutside(length / 2, length));
    }
}

TEST_F(RowsTest, EveryActivation) {
    Random random(7);
    for (int32_t kind = 0; kind < FOVEA_ACTIVATIONS; kind++) {
        for (int32_t length : {1, 5, 16, 33, 400}) {
            Input<float> in = randomFloats(random, length);
            for (int32_t i = 0; i < length; i++) {
                in[i] *= i % 3 == 0 ? 1.0f : i % 3 == 1 ? 10.0f : 120.0f;
            }
            const Bounds f{0.2f, 0.5f, kind};
            Output out(length);
            ASSERT_EQ(0, fovea_activate(in.get(), length, out.get(), length, kind, f.lo, f.hi, 0, length));
            ASSERT_TRUE(out.untouchedOutside(0, length));
            for (int32_t i = 0; i < length; i++) {
                const double expected = bounded(in[i], f);
                ASSERT_NEAR(expected, out[i], 1e-6 + 1e-6 * std::fabs(expected)) << "kind " << kind << " of " << in[i];
            }
        }
        const float nan = std::nanf("");
        Output out(1);
        ASSERT_EQ(0, fovea_activate(&nan, 1, out.get(), 1, kind, 0, 1, 0, 1));
        EXPECT_TRUE(std::isnan(out[0])) << "kind " << kind;
        ASSERT_EQ(-5, fovea_activate(&nan, 1, out.get(), 1, kind + FOVEA_ACTIVATIONS, 0, 1, 0, 1));
    }
}

TEST_F(RowsTest, ScalesAndShiftsColumns) {
    Random random(8);
    for (int32_t channels : {1, 7, 16, 20, 96}) {
        const Input<float> in = randomFloats(random, size_t(9) * channels);
        const Input<float> factor = randomFloats(random, channels);
        const Input<float> shift = randomFloats(random, channels);
        for (bool shifts : {false, true}) {
            Output out(size_t(9) * channels);
            const auto run = [&](int64_t factors, int64_t moved, int32_t from, int32_t to) {
                return fovea_scale(in.get(), in.length(), 9, channels, factor.get(), factors, shifts ? shift.get() : nullptr,
                                   moved, out.get(), out.length(), from, to);
            };
            ASSERT_EQ(0, run(channels, channels, 2, 7));
            ASSERT_TRUE(out.untouchedOutside(size_t(2) * channels, size_t(7) * channels));
            for (int32_t i = 2 * channels; i < 7 * channels; i++) {
                const float product = in[i] * factor[i % channels];
                ASSERT_EQ(shifts ? product + shift[i % channels] : product, out[i]);
            }
            ASSERT_EQ(-6, run(channels - 1, channels, 0, 9));
            ASSERT_EQ(shifts ? -8 : 0, run(channels, channels - 1, 2, 7));
            ASSERT_EQ(-11, run(channels, channels, 0, 10));
        }
    }
}

TEST_F(RowsTest, PoolsThroughATable) {
    Random random(2);
    for (int32_t channels : {1, 3, 8, 15, 16, 17, 33, 48}) {
        for (double active : {1.0, 0.5}) {
            const MapTable map = mapTable(random, 9, 11, 3, 3, 2, 1, active);
            const Neighbours &n = map.neighbours;
            const Input<float> in = randomFloats(random, size_t(n.inRows) * channels);
            const Input<float> edge = randomEdge(random, n.edgeRows, channels);
            Output most(size_t(n.outRows) * channels);
            Output mean(size_t(n.outRows) * channels);
            Output counted(size_t(n.outRows) * channels);
            ASSERT_EQ(0, fovea_max_pool(in.get(), in.length(), n.inRows, channels, edge.get(), edge.length(),
                                        n.edgeRows, n.table.get(), n.table.length(), nullptr, 0, 3, 3, 2, most.get(),
                                        most.length(), n.outRows, 0, n.outRows));
            ASSERT_EQ(0, fovea_average_pool(in.get(), in.length(), n.inRows, channels, edge.get(), edge.length(),
                                            n.edgeRows, n.table.get(), n.table.length(), 9, 0, mean.get(),
                                            mean.length(), n.outRows, 0, n.outRows));
            ASSERT_EQ(0, fovea_average_pool(in.get(), in.length(), n.inRows, channels, edge.get(), edge.length(),
                                            n.edgeRows, n.table.get(), n.table.length(), 9, 1, counted.get(),
                                            counted.length(), n.outRows, 0, n.outRows));
            for (int32_t r = 0; r < n.outRows; r++) {
                for (int32_t c = 0; c < channels; c++) {
                    double expected = -INF;
                    double sum = 0;
                    int32_t count = 0;
                    for (int32_t t = 0; t < 9; t++) {
                        if (n.table[size_t(r) * 9 + t] != n.inRows) {
                            const double value = n.row(in, edge, r, t, channels)[c];
                            expected = std::max(expected, value);
                            sum += value;
                            count++;
                        }
                    }
                    const size_t i = size_t(r) * channels + c;
                    ASSERT_EQ(expected, most[i]);
                    ASSERT_NEAR(sum / count, mean[i], 1e-6);
                    ASSERT_NEAR(sum / 9, counted[i], 1e-6);
                }
            }
        }
    }
}

TEST_F(RowsTest, AMaximumOverToldRuns) {
    Random random(5);
    for (int32_t channels : {1, 16, 33}) {
        for (int32_t kernel : {3, 5}) {
            for (int32_t stride : {1, 2, 3}) {
                for (double active : {1.0, 0.6, 0.2}) {
                    const MapTable map = mapTable(random, 9, 23, kernel, kernel, stride, 1, active);
                    const Neighbours &n = map.neighbours;
                    const Input<float> in = randomFloats(random, size_t(n.inRows) * channels);
                    const Input<float> edge = randomEdge(random, n.edgeRows, channels);
                    const Input<int32_t> told = toldRuns(random, map, kernel, kernel, stride, 0.1);
                    Output expected(size_t(n.outRows) * channels);
                    Output most(size_t(n.outRows) * channels);
                    const auto run = [&](const int32_t *runs, int64_t length, Output &out, int32_t from, int32_t to) {
                        return fovea_max_pool(in.get(), in.length(), n.inRows, channels, edge.get(), edge.length(), n.edgeRows,
                                              runs ? nullptr : n.table.get(), runs ? 0 : n.table.length(), runs, length, kernel,
                                              kernel, stride, out.get(), out.length(), n.outRows, from, to);
                    };
                    ASSERT_EQ(0, run(nullptr, 0, expected, 0, n.outRows));
                    const int32_t half = n.outRows / 2;
                    ASSERT_EQ(0, run(told.get(), told.length(), most, half, n.outRows));
                    ASSERT_TRUE(most.untouchedOutside(size_t(half) * channels, size_t(n.outRows) * channels));
                    ASSERT_EQ(0, run(told.get(), told.length(), most, 0, half));
                    for (size_t i = 0; i < size_t(n.outRows) * channels; i++) {
                        ASSERT_EQ(expected[i], most[i]) << "kernel " << kernel << ", stride " << stride << ", value " << i;
                    }
                    if (n.outRows > 0) {
                        Input<int32_t> wrong = toldRuns(random, map, kernel, kernel, stride, 0.1);
                        wrong[3] = n.inRows + n.edgeRows;
                        EXPECT_EQ(-10, run(wrong.get(), wrong.length(), most, 0, n.outRows));
                        EXPECT_EQ(-11, run(told.get(), told.length() - 1, most, 0, n.outRows));
                    }
                }
            }
        }
    }
}

TEST_F(RowsTest, APoolOfPaddingAlone) {
    const float zero = 0;
    const int32_t table[] = {0, 0};
    float out = 1;
    ASSERT_EQ(0, fovea_max_pool(nullptr, 0, 0, 1, &zero, 1, 1, table, 2, nullptr, 0, 1, 2, 1, &out, 1, 1, 0, 1));
    EXPECT_EQ(-INF, out);
    ASSERT_EQ(0, fovea_average_pool(nullptr, 0, 0, 1, &zero, 1, 1, table, 2, 2, 0, &out, 1, 1, 0, 1));
    EXPECT_EQ(0, out);
}

TEST_F(RowsTest, GlobalAverageCountsTheRest) {
    Random random(3);
    for (int32_t rows : {0, 1, 63, 64, 65, 361}) {
        for (int32_t channels : {1, 7, 16, 20, 96}) {
            const Input<float> in = randomFloats(random, size_t(rows) * channels);
            const Input<float> rest = randomFloats(random, channels);
            for (float weight : {0.0f, 39.0f}) {
                if (rows + weight == 0) {
                    continue;
                }
                Output out(channels);
                ASSERT_EQ(0, fovea_global_average(in.get(), in.length(), rows, channels, weight > 0 ? rest.get() : nullptr,
                                                  channels, weight, out.get(), channels));
                ASSERT_TRUE(out.untouchedOutside(0, channels));
                for (int32_t c = 0; c < channels; c++) {
                    double sum = weight * static_cast<double>(rest[c]);
                    for (int32_t r = 0; r < rows; r++) {
                        sum += in[size_t(r) * channels + c];
                    }
                    ASSERT_NEAR(sum / (rows + weight), out[c], 1e-6);
                }
            }
        }
    }
}

TEST_F(RowsTest, MapAverageReadsOtherSitesElsewhere) {
    Random random(6);
    for (int32_t sites : {1, 65, 361}) {
        for (int32_t channels : {1, 7, 16, 20, 96, 130}) {
            const Input<float> map = randomFloats(random, size_t(sites) * channels);
            Input<float> sums(size_t(sites + 1) * channels);
            for (int32_t c = 0; c < channels; c++) {
                double sum = 0;
                for (int32_t s = 0; s < sites; s++) {
                    sum += map[size_t(s) * channels + c];
                    sums[size_t(s + 1) * channels + c] = static_cast<float>(sum);
                }
            }
            for (double share : {0.0, 0.3, 1.0}) {
                std::bernoulli_distribution keep(share);
                std::vector<int32_t> runs;
                std::vector<bool> active(sites);
                int32_t rows = 0;
                for (int32_t s = 0; s < sites; s++) {
                    active[s] = keep(random);
                    if (active[s] && (rows == 0 || !active[s - 1])) {
                        runs.push_back(s);
                        runs.push_back(s);
                    }
                    if (active[s]) {
                        runs.back() = s + 1;
                        rows++;
                    }
                }
                const Input<float> in = randomFloats(random, size_t(rows) * channels);
                for (const float *known : {static_cast<const float *>(nullptr), static_cast<const float *>(sums.get())}) {
                    Output out(channels);
                    const auto run = [&](int64_t mapLength, int32_t rowCount) {
                        return fovea_map_average(in.get(), in.length(), rowCount, channels, map.get(), mapLength, sites, known,
                                                 sums.length(), runs.data(), int64_t(runs.size()), out.get(), out.length());
                    };
                    ASSERT_EQ(0, run(map.length(), rows));
                    ASSERT_TRUE(out.untouchedOutside(0, channels));
                    for (int32_t c = 0; c < channels; c++) {
                        double sum = 0;
                        for (int32_t s = 0, r = 0; s < sites; s++) {
                            sum += active[s] ? in[size_t(r++) * channels + c] : map[size_t(s) * channels + c];
                        }
                        ASSERT_NEAR(sum / sites, out[c], 1e-6);
                    }
                    EXPECT_EQ(-6, run(map.length() - 1, rows));
                    EXPECT_EQ(rows > 0 ? -10 : -2, run(map.length(), rows > 0 ? rows - 1 : 1));
                }
            }
        }
    }
}

TEST_F(RowsTest, SumsWeightedRows) {
    Random random(4);
    const int32_t inRows = 6, outRows = 7, from = 2, to = 6;
    for (int32_t channels : {1, 5, 16, 17, 40, 96}) {
        for (int32_t taps : {1, 4, 9}) {
            for (int32_t edgeRows : {0, 1, 3}) {
                const Input<float> in = randomFloats(random, size_t(inRows) * channels);
                const Input<float> edge = randomFloats(random, size_t(edgeRows) * channels);
                const Input<float> weights = randomFloats(random, size_t(outRows) * taps);
                const Input<float> a = randomFloats(random, channels);
                const Input<float> b = randomFloats(random, channels);
                std::vector<int32_t> table(size_t(outRows) * taps);
                for (int32_t &entry : table) {
                    entry = static_cast<int32_t>(random() % uint32_t(inRows + edgeRows));
                }
                for (bool line : {true, false}) {
                    Output out(size_t(outRows) * channels);
                    const auto run = [&](int64_t weightCount, int64_t bLength, int32_t end) {
                        return fovea_sample(in.get(), in.length(), inRows, channels, edgeRows ? edge.get() : nullptr, edge.length(),
                                            edgeRows, table.data(), int64_t(table.size()), taps, weights.get(), weightCount,
                                            line ? a.get() : nullptr, line ? channels : 0, line ? b.get() : nullptr,
                                            line ? bLength : 0, out.get(), out.length(), outRows, from, end);
                    };
                    ASSERT_EQ(0, run(weights.length(), channels, to));
                    ASSERT_TRUE(out.untouchedOutside(size_t(from) * channels, size_t(to) * channels));
                    for (int32_t r = from; r < to; r++) {
                        for (int32_t c = 0; c < channels; c++) {
                            double sum = 0;
                            for (int32_t t = 0; t < taps; t++) {
                                const int32_t e = table[size_t(r) * taps + t];
                                sum += weights[size_t(r) * taps + t]
                                    * (e < inRows ? in[size_t(e) * channels + c] : edge[size_t(e - inRows) * channels + c]);
                            }
                            ASSERT_NEAR(line ? a[c] * sum + b[c] : sum, out[size_t(r) * channels + c], 1e-5)
                                << channels << " channels, " << taps << " taps, row " << r;
                        }
                    }
                    EXPECT_EQ(-12, run(weights.length() - 1, channels, to));
                    EXPECT_EQ(-20, run(weights.length(), channels, outRows + 1));
                    if (line) {
                        EXPECT_EQ(-16, run(weights.length(), channels - 1, to));
                    }
                    const int32_t good = table[size_t(from) * taps];
                    for (int32_t bad : {-1, inRows + edgeRows}) {
                        table[size_t(from) * taps] = bad;
                        EXPECT_EQ(-8, run(weights.length(), channels, to));
                    }
                    table[size_t(from) * taps] = good;
                }
            }
        }
    }
}

} // namespace
