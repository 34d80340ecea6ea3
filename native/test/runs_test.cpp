// Runs of a table told from runs of sites.
#include "support.h"

#include <random>

using namespace fovea_test;

namespace {

constexpr int32_t FIRST = INT32_MIN;
constexpr int32_t LAST = INT32_MAX;

/** A map of 2 x 5 with sites 1..3 of the upper row and 0..5 of the lower one active: rows 0..2 and 2..7; entry 7 is padding, 8 background. */
struct Map {
    std::vector<int32_t> lines = {
        FIRST, 0, 7, 0, 0, 1, 8, 0, 1, 3, -1, 1, 3, 5, 8, 0, 5, LAST, 7, 0, // upper
        FIRST, 0, 7, 0, 0, 5, 2, 1, 5, LAST, 7, 0,                          // lower
        FIRST, LAST, 7, 0,                                                  // outside
    };
    std::vector<int32_t> firsts = {0, 20, 32};
    std::vector<int32_t> sites = {1, 3, 5, 10};
};

class RunsTest : public KernelTest {
  protected:
    static int64_t tell(const Map &m, int32_t width, std::vector<int32_t> &told) {
        return fovea_tell_runs(m.sites.data(), int64_t(m.sites.size()), width, m.lines.data(), int64_t(m.lines.size()),
                               m.firsts.data(), int64_t(m.firsts.size()), int32_t(m.firsts.size()) - 1, 3, 3, 1, 1, 1, 1, 1,
                               told.data(), int64_t(told.size()));
    }
};

TEST_F(RunsTest, ToldFromSites) {
    const Map map;
    std::vector<int32_t> told(14 * 32);
    const int64_t n = tell(map, 5, told);
    ASSERT_EQ(n % 14, 0);
    // Each output of each run, against what its window reads.
    int32_t row = 0;
    for (int64_t i = 0; i < n; i += 14) {
        EXPECT_EQ(row, told[i]);
        const int32_t y = row < 2 ? 0 : 1;
        const int32_t x = y == 0 ? row + 1 : row - 2;
        EXPECT_EQ(x, told[i + 1]);
        const int32_t next = i + 14 < n ? told[i + 14] : 7;
        ASSERT_GT(next, row);
        const auto entry = [](int32_t at, int32_t column) {
            const bool outside = at < 0 || at > 1 || column < 0 || column > 4;
            return outside ? 7 : at == 1 ? 2 + column : column == 1 || column == 2 ? column - 1 : 8;
        };
        for (int32_t ky = 0; ky < 3; ky++) {
            const int32_t *named = told.data() + i + 2 + 4 * ky;
            const int32_t end = x + next - row; // the last column read
            EXPECT_EQ(entry(y + ky - 1, x - 1), named[0]);
            EXPECT_EQ(entry(y + ky - 1, x), named[1]);
            EXPECT_EQ(entry(y + ky - 1, end - 1), named[2]);
            EXPECT_EQ(entry(y + ky - 1, end), named[3]);
        }
        row = next;
    }
    EXPECT_EQ(7, row);

    std::vector<int32_t> tight(static_cast<size_t>(n));
    EXPECT_EQ(n, tell(map, 5, tight));
    tight.pop_back();
    EXPECT_EQ(-17, tell(map, 5, tight));
    Map none;
    none.sites.clear();
    EXPECT_EQ(0, tell(none, 5, told));
}

TEST_F(RunsTest, WrongLists) {
    std::vector<int32_t> told(14 * 32);
    const auto with = [&](auto change) {
        Map map;
        change(map);
        return tell(map, 5, told);
    };
    EXPECT_EQ(-1, with([](Map &m) { m.sites[0] = -1; }));
    EXPECT_EQ(-1, with([](Map &m) { m.sites[1] = 1; }));
    EXPECT_EQ(-1, with([](Map &m) { m.sites[1] = 6; }));
    EXPECT_EQ(-1, with([](Map &m) { m.sites[2] = 2; }));
    EXPECT_EQ(-2, with([](Map &m) { m.sites.pop_back(); }));
    EXPECT_EQ(-5, with([](Map &m) { m.lines.pop_back(); }));
    EXPECT_EQ(-6, with([](Map &m) { m.firsts[1] = 21; }));
    EXPECT_EQ(-6, with([](Map &m) { m.firsts[2] = 36; }));
    EXPECT_EQ(-4, with([](Map &m) { m.lines[33] = 0; }));
    Map map;
    EXPECT_EQ(-3, tell(map, 0, told));

    std::mt19937 random(7);
    for (int i = 0; i < 20000; i++) {
        Map wrong;
        std::vector<int32_t> *const lists[] = {&wrong.sites, &wrong.lines, &wrong.firsts};
        for (int changes = 1 + int(random() % 4); changes > 0; changes--) {
            std::vector<int32_t> &list = *lists[random() % 3];
            list[random() % list.size()] = random() % 2 ? int32_t(random()) : int32_t(random() % 40);
        }
        std::vector<int32_t> room(random() % 200);
        const int64_t n = tell(wrong, 5, room);
        ASSERT_LE(n, int64_t(room.size())) << "case " << i;
    }
}

} // namespace
