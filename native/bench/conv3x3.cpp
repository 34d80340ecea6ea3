// 3 x 3 convolutions of stride 1 over whole maps, one thread: through the neighbour table, and by tiles of 2 x 2 and 4 x 4
// outputs. Prints the least time over the rounds and GMAC/s of the direct count.
//
//   fovea_conv3x3_bench [rounds] [isa] [size cin cout [tiles at a time ...]]
#include "buffer.h"
#include "fovea_native.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

namespace {

constexpr float INF = std::numeric_limits<float>::infinity();

struct Shape {
    int32_t size;
    int32_t cin;
    int32_t cout;
};

double least(int rounds, const std::function<int32_t()> &run) {
    double best = INF;
    for (int i = 0; i < rounds; i++) {
        const auto start = std::chrono::steady_clock::now();
        if (run() != 0) {
            std::fprintf(stderr, "a call was refused\n");
            std::exit(1);
        }
        const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count());
    }
    return best;
}

Ints neighbours(int32_t size) {
    Ints table(int64_t(size) * size * 9);
    for (int32_t r = 0; r < size * size; r++) {
        for (int32_t t = 0; t < 9; t++) {
            const int32_t y = r / size + t / 3 - 1;
            const int32_t x = r % size + t % 3 - 1;
            const bool inside = y >= 0 && y < size && x >= 0 && x < size;
            table.get()[r * 9 + t] = inside ? y * size + x : size * size;
        }
    }
    return table;
}

Ints tilesOf(int32_t size, int32_t m) {
    const int32_t side = (size + m - 1) / m;
    Ints tiles(int64_t(side) * side * m * m);
    for (int32_t i = 0; i < side * side * m * m; i++) {
        const int32_t tile = i / (m * m);
        const int32_t y = tile / side * m + i % (m * m) / m;
        const int32_t x = tile % side * m + i % m;
        tiles.get()[i] = y < size && x < size ? y * size + x : -1;
    }
    return tiles;
}

Ints patchesOf(int32_t size, int32_t m) {
    const int32_t side = (size + m - 1) / m;
    const int32_t p = m + 2;
    Ints patches(int64_t(side) * side * p * p);
    for (int32_t i = 0; i < side * side * p * p; i++) {
        const int32_t tile = i / (p * p);
        const int32_t y = tile / side * m + i % (p * p) / p - 1;
        const int32_t x = tile % side * m + i % p - 1;
        patches.get()[i] = y >= 0 && y < size && x >= 0 && x < size ? y * size + x : size * size;
    }
    return patches;
}

void measure(const Shape &s, int rounds, const std::vector<int32_t> &atATime) {
    const int32_t rows = s.size * s.size;
    const double macs = 9.0 * rows * s.cin * s.cout;
    const int32_t panels = (s.cout + fovea_panel_columns() - 1) / fovea_panel_columns();
    const Floats in(int64_t(rows) * s.cin);
    const Floats out(int64_t(rows) * s.cout);
    const Floats w(int64_t(s.cout) * s.cin * 9);
    Floats edge(s.cin);
    std::fill(edge.get(), edge.get() + s.cin, 0.0f);
    const Ints table = neighbours(s.size);
    const auto print = [&](const char *name, int32_t tiles, double micros) {
        std::printf("%3d x %3d  %4d > %4d  %-14s %4d  %9.0f us %7.1f GMAC/s\n", s.size, s.size, s.cin, s.cout, name,
                    tiles, micros, macs / micros / 1000);
    };
    {
        const Floats packed(fovea_conv_packed_length(s.cout, s.cin, 9));
        const Floats scratch(fovea_conv_scratch(s.cin, 9));
        fovea_conv_pack(w.get(), w.length(), s.cin * 9, 9, 1, nullptr, 0, s.cout, s.cin, 9, packed.get(),
                        packed.length());
        print("direct", 0, least(rounds, [&] {
                  return fovea_conv(in.get(), in.length(), rows, s.cin, edge.get(), edge.length(), 1, table.get(),
                                    table.length(), nullptr, 0, 3, 3, 1, packed.get(), packed.length(), s.cout, nullptr, 0, out.get(),
                                    out.length(), rows, FOVEA_CLAMP, 0, INF, 0, rows, 0, panels, scratch.get(), scratch.length());
              }));
    }
    for (int32_t m : {4, 2}) {
        const Ints tiles = tilesOf(s.size, m);
        const Ints patches = patchesOf(s.size, m);
        const int32_t count = static_cast<int32_t>(tiles.length() / (m * m));
        const Floats packed(fovea_winograd_packed_length(s.cout, s.cin, m));
        fovea_winograd_pack(w.get(), w.length(), s.cin * 9, 9, 1, nullptr, 0, s.cout, s.cin, m, packed.get(),
                            packed.length());
        std::vector<int32_t> choices = {0};
        choices.insert(choices.end(), atATime.begin(), atATime.end());
        for (int32_t choice : choices) {
            const Floats scratch(choice ? fovea_winograd_scratch_of(s.cin, s.cout, m, choice)
                                        : fovea_winograd_scratch(s.cin, s.cout, m, count));
            print(m == 4 ? "winograd 4 x 4" : "winograd 2 x 2", choice, least(rounds, [&] {
                      return fovea_winograd(in.get(), in.length(), rows, s.cin, edge.get(), edge.length(), 1,
                                            patches.get(), patches.length(), tiles.get(), tiles.length(), count, m,
                                            packed.get(), packed.length(), s.cout, nullptr, 0, out.get(), out.length(),
                                            rows, FOVEA_CLAMP, 0, INF, 0, count, 0, panels, scratch.get(), scratch.length());
                  }));
        }
    }
}

} // namespace

int main(int argc, char **argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    if (argc > 2 && fovea_isa_select(argv[2]) != 0) {
        std::fprintf(stderr, "no instruction set %s here\n", argv[2]);
        return 1;
    }
    std::printf("%s, least of %d rounds\n", fovea_isa(), rounds);
    if (argc > 5) {
        std::vector<int32_t> atATime;
        for (int i = 6; i < argc; i++) {
            atATime.push_back(std::atoi(argv[i]));
        }
        measure({std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5])}, rounds, atATime);
        return 0;
    }
    // ssd300_vgg16, then retinanet_resnet50_fpn at 640 x 640
    for (const Shape &s : {Shape{300, 64, 64}, {150, 64, 128}, {150, 128, 128}, {75, 128, 256}, {75, 256, 256},
                           {38, 256, 512}, {38, 512, 512}, {19, 512, 512}, {38, 512, 364}, {160, 64, 64},
                           {80, 128, 128}, {40, 256, 256}, {20, 512, 512}, {80, 256, 256}, {80, 256, 819}}) {
        measure(s, rounds, {});
    }
    return 0;
}
