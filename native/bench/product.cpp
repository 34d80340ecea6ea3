// Matrix products of one thread: direct, and with 7 multiplications for 8 or 49 for 64, in groups of so many rows. Prints the least and the
// median time over rounds in which all take turns, and GMAC/s of the direct count by the median.
//
//   fovea_product_bench [rounds] [isa] [rows cin cout [rows of a group ...]]
#include "buffer.h"
#include "fovea_native.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Shape {
    int32_t rows;
    int32_t cin;
    int32_t cout;
};

struct Way {
    std::string name;
    std::function<int32_t()> run;
    std::vector<double> micros;
};

void measure(const Shape &s, int rounds, const std::vector<int32_t> &groups) {
    const Floats in(int64_t(s.rows) * s.cin);
    const Floats out(int64_t(s.rows) * s.cout);
    const Floats w(int64_t(s.cout) * s.cin);
    const int32_t panels = (s.cout + fovea_panel_columns() - 1) / fovea_panel_columns();
    std::vector<std::unique_ptr<Floats>> owned;
    const auto buffer = [&](int64_t length) {
        owned.push_back(std::make_unique<Floats>(length));
        return owned.back().get();
    };
    std::vector<Way> ways;
    Floats *direct = buffer(fovea_conv_packed_length(s.cout, s.cin, 1));
    fovea_conv_pack(w.get(), w.length(), s.cin, 1, 1, nullptr, 0, s.cout, s.cin, 1, direct->get(), direct->length());
    ways.push_back({"direct", [&, direct] {
                        return fovea_gemm(in.get(), in.length(), s.rows, s.cin, direct->get(), direct->length(), s.cout,
                                          nullptr, 0, out.get(), out.length(), FOVEA_CLAMP, 0, 6, 0, s.rows, 0, panels);
                    },
                    {}});
    for (int32_t levels : {1, 2}) {
        const int64_t length = fovea_strassen_packed_length(s.cout, s.cin, levels);
        if (length < 0) {
            continue;
        }
        Floats *packed = buffer(length);
        fovea_strassen_pack(w.get(), w.length(), s.cin, 1, nullptr, 0, s.cout, s.cin, levels, packed->get(),
                            packed->length());
        for (int32_t group : groups) {
            Floats *scratch = buffer(fovea_strassen_scratch(s.cin, s.cout, levels, group));
            ways.push_back({(levels == 1 ? "7 of 8, by " : "49 of 64, by ") + std::to_string(group), [&, packed, scratch, levels, group] {
                                int32_t status = 0;
                                for (int32_t r = 0; r < s.rows; r += group) {
                                    status |= fovea_strassen(in.get(), in.length(), s.rows, s.cin, packed->get(),
                                                             packed->length(), levels, s.cout, nullptr, 0, out.get(),
                                                             out.length(), FOVEA_CLAMP, 0, 6, r, std::min(s.rows, r + group),
                                                             scratch->get(), scratch->length());
                                }
                                return status;
                            },
                            {}});
        }
    }
    for (int round = 0; round < rounds; round++) {
        for (Way &way : ways) {
            for (bool counts : {false, true}) {
                const auto start = std::chrono::steady_clock::now();
                if (way.run() != 0) {
                    std::fprintf(stderr, "a call was refused\n");
                    std::exit(1);
                }
                const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
                if (counts) {
                    way.micros.push_back(took.count());
                }
            }
        }
    }
    const auto median = [](Way &way) {
        std::sort(way.micros.begin(), way.micros.end());
        return way.micros[way.micros.size() / 2];
    };
    const double one = median(ways[0]);
    for (Way &way : ways) {
        const double micros = median(way);
        std::printf("%6d x %4d > %4d  %-18s %8.0f %8.0f us %6.1f GMAC/s  %.3f\n", s.rows, s.cin, s.cout, way.name.c_str(),
                    way.micros[0], micros, 1e-3 * s.rows * s.cin * s.cout / micros, micros / one);
    }
}

} // namespace

int main(int argc, char **argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    if (argc > 2 && fovea_isa_select(argv[2]) != 0) {
        std::fprintf(stderr, "no instruction set %s here\n", argv[2]);
        return 1;
    }
    std::printf("%s, %d rounds\n", fovea_isa(), rounds);
    std::vector<int32_t> groups;
    for (int i = 6; i < argc; i++) {
        groups.push_back(std::atoi(argv[i]));
    }
    if (groups.empty()) {
        groups = {128, 192};
    }
    if (argc > 5) {
        measure({std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5])}, rounds, groups);
        return 0;
    }
    // ssd-mobilenet-v1-face, then others
    for (const Shape &s : {Shape{4096, 128, 256}, {4096, 256, 256}, {1024, 256, 512}, {1024, 512, 512}, {256, 512, 1024},
                           {256, 1024, 1024}, {256, 1024, 256}, {100, 320, 1280}}) {
        measure(s, rounds, groups);
    }
    return 0;
}
