// Runs the convolutions of ssdlite-mobilenet-v2 at 300 x 300, dense, one after another as in the net, on one thread, and
// prints microseconds and GMAC/s of each (median over the rounds) and of the whole.
//
//   fovea_native_bench [rounds] [isa] [unfused]
#include "buffer.h"
#include "fovea_native.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr float INF = std::numeric_limits<float>::infinity();

struct Map {
    int32_t size;
    Ints start;

    explicit Map(int32_t size) : size(size), start(size + 1) {
        for (int32_t y = 0; y <= size; y++) {
            start.get()[y] = y * size;
        }
    }
    int32_t rows() const { return size * size; }
};

/** Square window with TensorFlow's SAME padding: of an odd total, the larger part is at the end. */
struct Table {
    int32_t padTop;
    Ints entries;
    Ints runs{0}; // one an image row, of windows at least three wide

    Table(int32_t in, int32_t out, int32_t kernel, int32_t stride)
        : padTop(std::max(0, (out - 1) * stride + kernel - in) / 2), entries(int64_t(out) * out * kernel * kernel) {
        int32_t *e = entries.get();
        for (int32_t y = 0; y < out; y++) {
            for (int32_t x = 0; x < out; x++) {
                for (int32_t ky = 0; ky < kernel; ky++) {
                    for (int32_t kx = 0; kx < kernel; kx++) {
                        const int32_t iy = y * stride - padTop + ky;
                        const int32_t ix = x * stride - padTop + kx;
                        const bool inside = iy >= 0 && iy < in && ix >= 0 && ix < in;
                        *e++ = inside ? iy * in + ix : in * in;
                    }
                }
            }
        }
        if (kernel >= 3 && out > 1) {
            tellRuns(out, kernel);
        }
    }

    void tellRuns(int32_t out, int32_t kernel) {
        const int32_t columns = std::max(4, kernel);
        runs = Ints(int64_t(out) * (1 + kernel * columns));
        int32_t *to = runs.get();
        for (int32_t y = 0; y < out; y++) {
            *to++ = y * out;
            for (int32_t ky = 0; ky < kernel; ky++, to += columns) {
                const int32_t *first = entries.get() + (int64_t(y) * out * kernel + ky) * kernel;
                const int32_t *last = first + int64_t(out - 1) * kernel * kernel;
                to[0] = first[0];
                to[1] = first[1];
                to[2] = last[kernel - 2];
                to[3] = last[kernel - 1];
            }
        }
    }

    const int32_t *told() const { return runs.length() ? runs.get() : nullptr; }
};

struct Step {
    std::string name;
    double macs;
    std::function<int32_t()> run;
    std::vector<double> micros;
};

int32_t panels(int32_t n) { return (n + fovea_panel_columns() - 1) / fovea_panel_columns(); }

Floats packed(int32_t cout, int32_t cin, int32_t taps) {
    const Floats w(int64_t(cout) * cin * taps);
    Floats p(fovea_conv_packed_length(cout, cin, taps));
    if (fovea_conv_pack(w.get(), w.length(), int64_t(cin) * taps, taps, 1, nullptr, 0, cout, cin, taps, p.get(),
                        p.length()) != 0) {
        std::abort();
    }
    return p;
}

Floats packedDepthwise(int32_t channels, int32_t taps) {
    const Floats w(int64_t(channels) * taps);
    Floats p(fovea_depthwise_packed_length(channels, taps));
    if (fovea_depthwise_pack(w.get(), w.length(), taps, 1, nullptr, 0, channels, taps, p.get(), p.length()) != 0) {
        std::abort();
    }
    return p;
}

/** The net, value by value. */
class Net {
  public:
    std::vector<Step> steps;

    Floats *value(int64_t length) {
        values.emplace_back(new Floats(length));
        return values.back().get();
    }
    template <typename T> T *keep(T &&t) {
        auto owned = std::make_shared<T>(std::move(t));
        owners.push_back(owned);
        return owned.get();
    }

    Floats *gemm(Floats *in, int32_t rows, int32_t k, int32_t n, float hi) {
        Floats *w = keep(packed(n, k, 1));
        Floats *out = value(int64_t(rows) * n);
        add("gemm " + std::to_string(rows) + " x " + std::to_string(k) + " -> " + std::to_string(n),
            double(rows) * k * n, [=] {
                return fovea_gemm(in->get(), in->length(), rows, k, w->get(), w->length(), n, nullptr, 0, out->get(),
                                  out->length(), FOVEA_CLAMP, hi == INF ? -INF : 0, hi, 0, rows, 0, panels(n));
            });
        return out;
    }

    Floats *conv(Floats *in, int32_t inSize, int32_t outSize, int32_t cin, int32_t cout, int32_t kernel,
                 int32_t stride) {
        Table *t = keep(Table(inSize, outSize, kernel, stride));
        const int32_t taps = kernel * kernel;
        Floats *w = keep(packed(cout, cin, taps));
        Floats *edge = zeros(cin);
        Floats *out = value(int64_t(outSize) * outSize * cout);
        add("conv " + std::to_string(inSize) + " x " + std::to_string(cin) + " -> " + std::to_string(outSize) + " x " +
                std::to_string(cout) + ", k " + std::to_string(kernel),
            double(outSize) * outSize * taps * cin * cout, [=, &scratch = scratch] {
                return fovea_conv(in->get(), in->length(), inSize * inSize, cin, edge->get(), cin, 1,
                                  t->entries.get(), t->entries.length(), t->told(), t->runs.length(), kernel, kernel,
                                  stride, w->get(), w->length(), cout, nullptr, 0, out->get(), out->length(), outSize * outSize, FOVEA_CLAMP, 0, 6, 0, outSize * outSize, 0,
                                  panels(cout), scratch.get(), scratch.length());
            });
        return out;
    }

    Floats *depthwise(Floats *in, int32_t inSize, int32_t outSize, int32_t c, int32_t stride) {
        Table *t = keep(Table(inSize, outSize, 3, stride));
        Floats *w = keep(packedDepthwise(c, 9));
        Floats *edge = zeros(c);
        Floats *out = value(int64_t(outSize) * outSize * c);
        add("depthwise " + std::to_string(inSize) + " -> " + std::to_string(outSize) + " x " + std::to_string(c),
            double(outSize) * outSize * 9 * c, [=] {
                return fovea_depthwise(in->get(), in->length(), inSize * inSize, c, edge->get(), c, 1,
                                       t->entries.get(), t->entries.length(), t->told(), t->runs.length(), 3, 3,
                                       stride, w->get(), w->length(),
                                       out->get(), out->length(), outSize * outSize, FOVEA_CLAMP, 0, 6, 0, outSize * outSize);
            });
        return out;
    }

    /** first > 0: the expansion is a 3 x 3 stride 2 convolution of a map of that size. */
    Floats *block(Floats *in, int32_t inSize, int32_t outSize, int32_t cin, int32_t c, int32_t cout, int32_t stride,
                  bool expands, int32_t first = 0) {
        Table *t = keep(Table(inSize, outSize, 3, stride));
        Map *inMap = keep(Map(inSize));
        Map *outMap = keep(Map(outSize));
        const int32_t taps = first ? 9 : 1;
        Floats *e = keep(packed(c, cin, taps));
        Floats *d = keep(packedDepthwise(c, 9));
        Floats *p = keep(packed(cout, c, 1));
        Floats *edge = zeros(c);
        Floats *out = value(int64_t(outSize) * outSize * cout);
        const bool residual = expands && stride == 1 && cin == cout;
        fovea_block b{};
        b.in = in->get();
        b.in_length = in->length();
        b.expand = expands ? e->get() : nullptr;
        b.expand_length = e->length();
        b.expand_taps = taps;
        if (first) {
            Table *ft = keep(Table(first, inSize, 3, 2));
            Floats *fe = zeros(cin);
            b.expand_table = ft->entries.get();
            b.expand_table_length = ft->entries.length();
            b.expand_edge = fe->get();
            b.expand_edge_length = cin;
            b.expand_edge_rows = 1;
        }
        b.expand_in_rows = first ? first * first : inSize * inSize;
        b.in_rows = inSize * inSize;
        b.edge = edge->get();
        b.edge_length = edge->length();
        b.edge_rows = 1;
        b.table = t->entries.get();
        b.table_length = t->entries.length();
        b.runs = t->told();
        b.runs_length = t->runs.length();
        b.depthwise = d->get();
        b.depthwise_length = d->length();
        b.project = p->get();
        b.project_length = p->length();
        b.residual = residual ? in->get() : nullptr;
        b.residual_length = residual ? in->length() : 0;
        b.out = out->get();
        b.out_length = out->length();
        b.in_start = inMap->start.get();
        b.in_start_length = inSize + 1;
        b.out_start = outMap->start.get();
        b.out_start_length = outSize + 1;
        b.cin = cin;
        b.channels = c;
        b.cout = cout;
        b.out_rows = outSize * outSize;
        b.in_height = inSize;
        b.out_height = outSize;
        b.kh = b.kw = 3;
        b.stride = stride;
        b.pad_top = t->padTop;
        b.expand_beta = b.depthwise_beta = 6;
        b.project_alpha = -INF;
        b.project_beta = INF;
        b.scratch = scratch.get();
        b.scratch_length = fovea_block_scratch(&b, 1);
        add("block " + std::to_string(cin) + " -> " + std::to_string(c) + " -> " + std::to_string(cout) + ", " +
                std::to_string(inSize) + " -> " + std::to_string(outSize),
            double(inSize) * inSize * taps * (expands ? double(cin) * c : 0) +
                double(outSize) * outSize * c * (9.0 + cout),
            [=] { return fovea_block_run(&b, 0, outSize); });
        return out;
    }

  private:
    Floats *zeros(int32_t c) {
        Floats *edge = keep(Floats(c));
        std::fill(edge->get(), edge->get() + c, 0.0f);
        return edge;
    }
    void add(const std::string &name, double macs, std::function<int32_t()> run) {
        steps.push_back({name, macs, std::move(run), {}});
    }

    Floats scratch{1 << 19}; // one for all steps, as a worker has it: it stays in cache
    std::vector<std::unique_ptr<Floats>> values;
    std::vector<std::shared_ptr<void>> owners;
};

struct BlockShape {
    int32_t in, c, out, stride, size;
};

void build(Net &net, bool fused, bool fuseFirst) {
    const auto inverted = [&](Floats *x, const BlockShape &s, bool expands) {
        const int32_t outSize = (s.size + s.stride - 1) / s.stride;
        if (fused) {
            return net.block(x, s.size, outSize, s.in, s.c, s.out, s.stride, expands);
        }
        Floats *e = expands ? net.gemm(x, s.size * s.size, s.in, s.c, 6) : x;
        return net.gemm(net.depthwise(e, s.size, outSize, s.c, s.stride), outSize * outSize, s.c, s.out, INF);
    };
    Floats *x = net.value(300 * 300 * 3);
    if (fused && fuseFirst) {
        x = net.block(x, 150, 150, 3, 32, 16, 1, true, 300);
    } else {
        x = inverted(net.conv(x, 300, 150, 3, 32, 3, 2), {32, 32, 16, 1, 150}, false);
    }
    for (const BlockShape &s :
         {BlockShape{16, 96, 24, 2, 150}, {24, 144, 24, 1, 75}, {24, 144, 32, 2, 75}, {32, 192, 32, 1, 38},
          {32, 192, 32, 1, 38}, {32, 192, 64, 2, 38}, {64, 384, 64, 1, 19}, {64, 384, 64, 1, 19},
          {64, 384, 64, 1, 19}, {64, 384, 96, 1, 19}, {96, 576, 96, 1, 19}, {96, 576, 96, 1, 19}}) {
        x = inverted(x, s, true);
    }
    Floats *wide = net.gemm(x, 361, 96, 576, 6); // read by the head and by the next block
    const auto head = [&](Floats *in, int32_t size, int32_t c, int32_t anchors) {
        for (int32_t columns : {4 * anchors, 91 * anchors}) {
            if (fused) {
                net.block(in, size, size, c, c, columns, 1, false);
            } else {
                net.gemm(net.depthwise(in, size, size, c, 1), size * size, c, columns, INF);
            }
        }
    };
    head(wide, 19, 576, 3);
    x = net.gemm(net.depthwise(wide, 19, 10, 576, 2), 100, 576, 160, INF);
    x = inverted(x, {160, 960, 160, 1, 10}, true);
    x = inverted(x, {160, 960, 160, 1, 10}, true);
    x = inverted(x, {160, 960, 320, 1, 10}, true);
    x = net.gemm(x, 100, 320, 1280, 6);
    head(x, 10, 1280, 6);
    int32_t size = 10;
    int32_t channels = 1280;
    for (int32_t out : {512, 256, 256, 128}) {
        const int32_t half = (size + 1) / 2;
        x = net.gemm(x, size * size, channels, out / 2, 6);
        x = net.depthwise(x, size, half, out / 2, 2);
        x = net.gemm(x, half * half, out / 2, out, 6);
        size = half;
        channels = out;
        head(x, size, channels, 6);
    }
}

double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

double best(const std::vector<double> &v) { return *std::min_element(v.begin(), v.end()); }

} // namespace

int main(int argc, char **argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 20;
    if (argc > 2 && fovea_isa_select(argv[2]) != 0) {
        std::fprintf(stderr, "fovea_native_bench: no instruction set %s on this processor\n", argv[2]);
        return 2;
    }
    Net net;
    build(net, !(argc > 3 && std::strcmp(argv[3], "unfused") == 0), !(argc > 3 && std::strcmp(argv[3], "first") == 0));
    std::vector<double> whole;
    using Clock = std::chrono::steady_clock;
    const auto micros = [](Clock::time_point a, Clock::time_point b) {
        return std::chrono::duration<double, std::micro>(b - a).count();
    };
    for (int round = 0; round < rounds; round++) {
        const auto start = Clock::now();
        auto before = start;
        for (Step &step : net.steps) {
            const int32_t status = step.run();
            if (status != 0) {
                std::fprintf(stderr, "%s: status %d\n", step.name.c_str(), status);
                return 1;
            }
            const auto after = Clock::now();
            step.micros.push_back(micros(before, after));
            before = after;
        }
        whole.push_back(micros(start, before));
    }
    double macs = 0;
    double sum = 0;
    std::printf("%-44s %10s %10s %9s\n", fovea_isa(), "us", "best us", "GMAC/s");
    for (const Step &step : net.steps) {
        std::printf("%-44s %10.1f %10.1f %9.1f\n", step.name.c_str(), median(step.micros), best(step.micros),
                    step.macs / median(step.micros) / 1000);
        macs += step.macs;
        sum += best(step.micros);
    }
    std::printf("%-44s %10.1f %10.1f %9.1f   sum of the best %.1f us, %.1f MMAC\n", "net", median(whole), best(whole),
                macs / median(whole) / 1000, sum, macs / 1e6);
    return 0;
}
