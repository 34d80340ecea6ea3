// What the kernel tests share: the instruction set under test, guarded buffers, random data, references in double.
#pragma once

#include "fovea_native.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace fovea_test {

constexpr float INF = std::numeric_limits<float>::infinity();

/** Selects the instruction set named by FOVEA_TEST_ISA; a processor without it skips the test with a line. */
class KernelTest : public ::testing::Test {
  protected:
    void SetUp() override {
        const char *name = std::getenv("FOVEA_TEST_ISA");
        if (name && fovea_isa_select(name) != 0) {
            GTEST_SKIP() << "this processor has no " << name;
        }
    }
};

using Random = std::mt19937;

/** A read-only input of exactly its length, so that AddressSanitizer sees a read beyond it. */
template <typename T> class Input {
  public:
    explicit Input(size_t length) : count(length), data(new T[length ? length : 1]()) {}

    T *get() { return data.get(); }
    const T *get() const { return data.get(); }
    T &operator[](size_t i) { return data[i]; }
    const T &operator[](size_t i) const { return data[i]; }
    int64_t length() const { return static_cast<int64_t>(count); }

  private:
    size_t count;
    std::unique_ptr<T[]> data;
};

inline Input<float> randomFloats(Random &random, size_t length) {
    Input<float> values(length);
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    for (size_t i = 0; i < length; i++) {
        values[i] = uniform(random);
    }
    return values;
}

/** An output between canaries; begins as a bit pattern that no kernel produces. */
class Output {
  public:
    explicit Output(size_t length) : count(length), data(length + 2 * GUARD, canary()) {}

    float *get() { return data.data() + GUARD; }
    float operator[](size_t i) const { return data[GUARD + i]; }
    int64_t length() const { return static_cast<int64_t>(count); }

    bool untouched(size_t i) const { return isCanary(data[GUARD + i]); }

    /** Whether nothing was written outside [from, to). */
    ::testing::AssertionResult untouchedOutside(size_t from, size_t to) const {
        for (size_t i = 0; i < data.size(); i++) {
            if ((i < GUARD + from || i >= GUARD + to) && !isCanary(data[i])) {
                return ::testing::AssertionFailure() << "wrote at " << static_cast<long>(i) - static_cast<long>(GUARD);
            }
        }
        return ::testing::AssertionSuccess();
    }

    bool sameBits(const Output &other) const {
        return data.size() == other.data.size() &&
               std::memcmp(data.data(), other.data.data(), data.size() * sizeof(float)) == 0;
    }

  private:
    static constexpr size_t GUARD = 64;

    static float canary() {
        const uint32_t bits = 0x7fc0dead;
        float value;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    static bool isCanary(float value) {
        uint32_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        return bits == 0x7fc0dead;
    }

    size_t count;
    std::vector<float> data;
};

struct Bounds {
    float lo;
    float hi;
    int32_t kind = FOVEA_CLAMP;
};

const Bounds NO_CLAMP{-INF, INF};
const Bounds RELU6{0.0f, 6.0f};
const Bounds NARROW{-0.25f, 0.5f};
const Bounds HARD_SWISH{0.0f, 0.0f, FOVEA_HARD_SWISH};
const Bounds ELU{0.75f, 0.0f, FOVEA_ELU};

/** The value of an activation in double; bounds are its two parameters. */
inline double bounded(double v, Bounds b) {
    switch (b.kind) {
    case FOVEA_CLAMP:
        return v < b.lo ? b.lo : v > b.hi ? b.hi : v;
    case FOVEA_LEAKY_RELU:
        return v < 0 ? b.lo * v : v;
    case FOVEA_HARD_SIGMOID:
        return std::fmin(std::fmax(b.lo * v + b.hi, 0), 1);
    case FOVEA_HARD_SWISH:
        return v * std::fmin(std::fmax(v / 6 + 0.5, 0), 1);
    case FOVEA_ELU:
        return v < 0 ? b.lo * std::expm1(v) : v;
    case FOVEA_SIGMOID:
        return 1 / (1 + std::exp(-v));
    case FOVEA_SILU:
        return v / (1 + std::exp(-v));
    case FOVEA_TANH:
        return std::tanh(v);
    default:
        return v * std::tanh(std::log1p(std::exp(v)));
    }
}

/** Largest rounding error of a float sum of `terms` products of values up to 1. */
inline double tolerance(size_t terms) { return 1e-6 + 4e-7 * std::sqrt(static_cast<double>(terms)) * 3; }

/** A neighbour table with what it points into. */
struct Neighbours {
    int32_t inRows;
    int32_t edgeRows;
    int32_t taps;
    int32_t outRows;
    Input<int32_t> table;

    const float *row(const Input<float> &in, const Input<float> &edge, int32_t r, int32_t tap, int32_t channels) const {
        const int32_t e = table[static_cast<size_t>(r) * taps + tap];
        return e < inRows ? in.get() + static_cast<size_t>(e) * channels
                          : edge.get() + static_cast<size_t>(e - inRows) * channels;
    }
};

/** Random entries: no two outputs are neighbours except by accident. */
inline Neighbours randomTable(Random &random, int32_t inRows, int32_t edgeRows, int32_t taps, int32_t outRows) {
    Neighbours n{inRows, edgeRows, taps, outRows, Input<int32_t>(static_cast<size_t>(outRows) * taps)};
    std::uniform_int_distribution<int32_t> entry(0, inRows + edgeRows - 1);
    for (size_t i = 0; i < static_cast<size_t>(outRows) * taps; i++) {
        n.table[i] = entry(random);
    }
    return n;
}

/** The table of a map of which a share of the sites is active, the others are background or padding. */
struct MapTable {
    Neighbours neighbours;
    Input<int32_t> inStart;
    Input<int32_t> outStart;
    std::vector<int32_t> outColumn;
    int32_t inHeight;
    int32_t outHeight;
    int32_t padTop;
    int32_t outWidth;
    std::vector<int32_t> inEntries; // of each position of the input
};

inline MapTable mapTable(Random &random, int32_t height, int32_t width, int32_t kh, int32_t kw, int32_t stride,
                         int32_t pad, double active) {
    const int32_t outHeight = (height + 2 * pad - kh) / stride + 1;
    const int32_t outWidth = (width + 2 * pad - kw) / stride + 1;
    std::bernoulli_distribution keep(active);
    std::vector<int32_t> inRow(static_cast<size_t>(height) * width, -1);
    Input<int32_t> inStart(height + 1);
    Input<int32_t> outStart(outHeight + 1);
    int32_t inRows = 0;
    for (int32_t y = 0; y < height; y++) {
        for (int32_t x = 0; x < width; x++) {
            if (active >= 1 || keep(random)) {
                inRow[static_cast<size_t>(y) * width + x] = inRows++;
            }
        }
        inStart[y + 1] = inRows;
    }
    // Two background values besides padding, by the parity of the site.
    std::vector<int32_t> inEntries;
    for (int32_t y = 0; y < height; y++) {
        for (int32_t x = 0; x < width; x++) {
            const int32_t row = inRow[static_cast<size_t>(y) * width + x];
            inEntries.push_back(row < 0 ? inRows + 1 + (x + y) % 2 : row);
        }
    }
    std::vector<int32_t> entries;
    std::vector<int32_t> outColumn;
    int32_t outRows = 0;
    for (int32_t oy = 0; oy < outHeight; oy++) {
        for (int32_t ox = 0; ox < outWidth; ox++) {
            if (active >= 1 || keep(random)) {
                outRows++;
                outColumn.push_back(ox);
                for (int32_t ky = 0; ky < kh; ky++) {
                    for (int32_t kx = 0; kx < kw; kx++) {
                        const int32_t y = oy * stride - pad + ky;
                        const int32_t x = ox * stride - pad + kx;
                        if (y < 0 || y >= height || x < 0 || x >= width) {
                            entries.push_back(inRows);
                        } else {
                            entries.push_back(inEntries[static_cast<size_t>(y) * width + x]);
                        }
                    }
                }
            }
        }
        outStart[oy + 1] = outRows;
    }
    Input<int32_t> table(entries.size());
    std::copy(entries.begin(), entries.end(), table.get());
    return {{inRows, 3, kh * kw, outRows, std::move(table)}, std::move(inStart), std::move(outStart), std::move(outColumn), height, outHeight,
            pad, outWidth, std::move(inEntries)};
}

/** Edge rows whose first is zero. */
inline Input<float> randomEdge(Random &random, int32_t rows, int32_t channels) {
    Input<float> edge = randomFloats(random, static_cast<size_t>(rows) * channels);
    std::fill(edge.get(), edge.get() + channels, 0.0f);
    return edge;
}

/** Weights of a convolution in OIHW order, and packed. */
struct Weights {
    int32_t cout;
    int32_t cin;
    int32_t taps;
    Input<float> w;
    Input<float> bias;
    Input<float> packed;

    Weights(Random &random, int32_t cout, int32_t cin, int32_t taps, bool withBias = true)
        : cout(cout), cin(cin), taps(taps), w(randomFloats(random, static_cast<size_t>(cout) * cin * taps)),
          bias(randomFloats(random, cout)),
          packed(static_cast<size_t>(fovea_conv_packed_length(cout, cin, taps))) {
        if (!withBias) {
            std::fill(bias.get(), bias.get() + cout, 0.0f);
        }
        EXPECT_EQ(0, fovea_conv_pack(w.get(), w.length(), static_cast<int64_t>(cin) * taps, taps, 1,
                                     withBias ? bias.get() : nullptr, cout, cout, cin, taps, packed.get(),
                                     packed.length()));
    }

    /** Sum over taps and input channels for one output channel; row(tap) gives the inputs. */
    template <typename Row> double sum(int32_t o, Row row) const {
        double sum = bias[o];
        for (int32_t t = 0; t < taps; t++) {
            const auto *x = row(t);
            for (int32_t i = 0; i < cin; i++) {
                sum += static_cast<double>(x[i]) * w[(static_cast<size_t>(o) * cin + i) * taps + t];
            }
        }
        return sum;
    }
};

/** Weights of a depthwise convolution, [channel][tap], and packed. */
struct DepthwiseWeights {
    int32_t channels;
    int32_t taps;
    Input<float> w;
    Input<float> bias;
    Input<float> packed;

    DepthwiseWeights(Random &random, int32_t channels, int32_t taps)
        : channels(channels), taps(taps), w(randomFloats(random, static_cast<size_t>(channels) * taps)),
          bias(randomFloats(random, channels)),
          packed(static_cast<size_t>(fovea_depthwise_packed_length(channels, taps))) {
        EXPECT_EQ(0, fovea_depthwise_pack(w.get(), w.length(), taps, 1, bias.get(), channels, channels, taps,
                                          packed.get(), packed.length()));
    }

    template <typename Row> double sum(int32_t c, Row row) const {
        double sum = bias[c];
        for (int32_t t = 0; t < taps; t++) {
            sum += static_cast<double>(row(t)[c]) * w[static_cast<size_t>(c) * taps + t];
        }
        return sum;
    }
};

inline int32_t panelsOf(int32_t n) { return (n + fovea_panel_columns() - 1) / fovea_panel_columns(); }

/** Whether output r + 1 of a table may continue the run from..r. */
inline bool continuesRun(const Neighbours &n, int32_t kh, int32_t kw, int32_t stride, int32_t from, int32_t r) {
    const auto entry = [&](int32_t output, int32_t y, int32_t x) {
        return n.table[(static_cast<size_t>(output) * kh + y) * kw + x];
    };
    for (int32_t y = 0; y < kh; y++) {
        // All columns of the longer run but its first and last, in order.
        std::vector<int32_t> middle;
        for (int32_t x = 0; x < kw; x++) {
            middle.push_back(entry(from, y, x));
        }
        for (int32_t o = from + 1; o <= r + 1; o++) {
            for (int32_t x = 0; x + stride < kw; x++) {
                if (entry(o, y, x) != entry(o - 1, y, x + stride)) {
                    return false;
                }
            }
            for (int32_t x = kw - stride; x < kw; x++) {
                middle.push_back(entry(o, y, x));
            }
        }
        const int32_t step = middle[2] - middle[1];
        for (size_t i = 1; i + 2 < middle.size(); i++) {
            if (step < 0 || step > 1 || middle[i + 1] - middle[i] != step ||
                (middle[i] < n.inRows) != (middle[i + 1] < n.inRows)) {
                return false;
            }
        }
    }
    return true;
}

/** The runs of a map as told to the kernels (kw >= 3, stride <= kw); of the possible continuations a share is left out. */
inline Input<int32_t> toldRuns(Random &random, const MapTable &map, int32_t kh, int32_t kw, int32_t stride, double cut) {
    const Neighbours &n = map.neighbours;
    std::bernoulli_distribution cuts(cut);
    std::vector<int32_t> starts;
    for (int32_t y = 0; y < map.outHeight; y++) {
        int32_t from = -1;
        for (int32_t r = map.outStart[y]; r < map.outStart[y + 1]; r++) {
            if (from < 0 || cuts(random) || !continuesRun(n, kh, kw, stride, from, r - 1)) {
                from = r;
                starts.push_back(r);
            }
        }
    }
    starts.push_back(n.outRows);
    const int32_t columns = std::max(4, kw);
    Input<int32_t> told((starts.size() - 1) * size_t(2 + kh * columns));
    int32_t *at = told.get();
    for (size_t i = 0; i + 1 < starts.size(); i++) {
        const int32_t first = starts[i];
        const int32_t last = starts[i + 1] - 1;
        *at++ = first;
        *at++ = map.outColumn[first];
        for (int32_t y = 0; y < kh; y++, at += columns) {
            const int32_t *f = n.table.get() + (size_t(first) * kh + y) * kw;
            const int32_t *l = n.table.get() + (size_t(last) * kh + y) * kw;
            if (first == last && kw > 3) {
                std::copy(f, f + kw, at);
            } else {
                at[0] = f[0];
                at[1] = f[1];
                at[2] = l[kw - 2];
                at[3] = l[kw - 1];
            }
        }
    }
    return told;
}

/** What the image rows of a map read as and its runs of outputs; of what could be one stretch or run a share is cut. */
struct MapLines {
    Input<int32_t> lines;
    Input<int32_t> sites;
};

inline MapLines mapLines(Random &random, const MapTable &map, double cut) {
    std::bernoulli_distribution cuts(cut);
    const int32_t padding = map.neighbours.inRows;
    const int32_t width = static_cast<int32_t>(map.inEntries.size()) / map.inHeight;
    std::vector<int32_t> lines(static_cast<size_t>(map.inHeight) + 1);
    const auto add = [&](int32_t start, int32_t end, int32_t base, int32_t growth) {
        lines.insert(lines.end(), {start, end, base, growth});
    };
    for (int32_t y = 0; y <= map.inHeight; y++) {
        lines[static_cast<size_t>(y)] = static_cast<int32_t>(lines.size());
        if (y == map.inHeight) {
            add(INT32_MIN, INT32_MAX, padding, 0);
            break;
        }
        const int32_t *entry = map.inEntries.data() + static_cast<ptrdiff_t>(y) * width;
        add(INT32_MIN, 0, padding, 0);
        for (int32_t x = 0; x < width;) {
            int32_t end = x + 1;
            const int32_t growth = end < width ? entry[end] - entry[x] : 0;
            const bool one = growth < 0 || growth > 1 || (entry[x] < padding) != (entry[std::min(end, width - 1)] < padding);
            while (!one && end < width && entry[end] - entry[end - 1] == growth && (entry[end] < padding) == (entry[x] < padding) &&
                   !cuts(random)) {
                end++;
            }
            const int32_t by = one || end == x + 1 ? 0 : growth;
            add(x, end, entry[x] - by * x, by);
            x = end;
        }
        add(width, INT32_MAX, padding, 0);
    }
    std::vector<int32_t> sites;
    for (int32_t y = 0; y < map.outHeight; y++) {
        bool first = true;
        for (int32_t r = map.outStart[y]; r < map.outStart[y + 1]; r++) {
            const int32_t at = y * map.outWidth + map.outColumn[static_cast<size_t>(r)];
            if (!first && sites.back() == at && !cuts(random)) {
                sites.back()++;
            } else {
                sites.insert(sites.end(), {at, at + 1});
            }
            first = false;
        }
    }
    MapLines result{Input<int32_t>(lines.size()), Input<int32_t>(sites.size())};
    std::copy(lines.begin(), lines.end(), result.lines.get());
    std::copy(sites.begin(), sites.end(), result.sites.get());
    return result;
}

} // namespace fovea_test
