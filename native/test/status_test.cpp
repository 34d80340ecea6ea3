// Arguments that do not fit are refused with their number, and nothing is written.
#include "support.h"

using namespace fovea_test;

namespace {

class StatusTest : public KernelTest {};

TEST_F(StatusTest, InstructionSets) {
    EXPECT_EQ(FOVEA_NATIVE_VERSION, fovea_version());
    ASSERT_GE(fovea_isa_count(), 1);
    EXPECT_EQ(nullptr, fovea_isa_name(-1));
    EXPECT_EQ(nullptr, fovea_isa_name(fovea_isa_count()));
    EXPECT_STREQ("generic", fovea_isa_name(fovea_isa_count() - 1));
    const std::string before = fovea_isa();
    EXPECT_EQ(-1, fovea_isa_select("no such set"));
    EXPECT_EQ(-1, fovea_isa_select(nullptr));
    EXPECT_EQ(before, fovea_isa());
    for (int32_t i = 0; i < fovea_isa_count(); i++) {
        ASSERT_EQ(0, fovea_isa_select(fovea_isa_name(i)));
        EXPECT_STREQ(fovea_isa_name(i), fovea_isa());
        EXPECT_GT(fovea_panel_columns(), 0);
    }
    EXPECT_EQ(0, fovea_isa_select(before.c_str()));
}

TEST_F(StatusTest, LengthsOfSizesOutOfRange) {
    EXPECT_EQ(-1, fovea_conv_packed_length(0, 1, 1));
    EXPECT_EQ(-1, fovea_conv_packed_length(1, -1, 1));
    EXPECT_EQ(-1, fovea_conv_packed_length(1, 1 << 20, 9));
    EXPECT_EQ(-1, fovea_depthwise_packed_length(8, 0));
    EXPECT_EQ(-1, fovea_conv_scratch(0, 9));
    EXPECT_EQ(-1, fovea_block_scratch(nullptr, 1));
    EXPECT_EQ(-1, fovea_block_scratch_held(nullptr, 1, nullptr, nullptr));
    EXPECT_EQ(-1, fovea_block_run_held(nullptr, 0, 0, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                       nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
    EXPECT_GE(fovea_conv_packed_length(3, 4, 1), 3 * 5);
}

TEST_F(StatusTest, Packing) {
    const std::vector<float> w(12);
    std::vector<float> packed(1000);
    const auto pack = [&](int64_t wLength, int64_t so, int64_t si, int64_t biasLength, int32_t cout, int64_t length) {
        return fovea_conv_pack(w.data(), wLength, so, si, 1, w.data(), biasLength, cout, 4, 1, packed.data(), length);
    };
    EXPECT_EQ(0, pack(12, 4, 1, 3, 3, 1000));
    EXPECT_EQ(-2, pack(11, 4, 1, 3, 3, 1000));
    EXPECT_EQ(-2, pack(12, -4, 1, 3, 3, 1000));
    EXPECT_EQ(-2, pack(12, 4, int64_t(1) << 60, 3, 3, 1000));
    EXPECT_EQ(-7, pack(12, 4, 1, 2, 3, 1000));
    EXPECT_EQ(-8, pack(12, 4, 1, 3, 0, 1000));
    EXPECT_EQ(-12, pack(12, 4, 1, 3, 3, fovea_conv_packed_length(3, 4, 1) - 1));
}

TEST_F(StatusTest, Gemm) {
    Random random(1);
    const Weights weights(random, 6, 4, 1);
    const Input<float> in = randomFloats(random, 20);
    Output out(30);
    struct Arguments {
        int64_t in = 20, packed = 0, residual = 30, out = 30;
        int32_t activation = FOVEA_CLAMP, rows = 5, k = 4, n = 6, from = 0, to = 5, panelFrom = 0, panelTo = 0;
    };
    Arguments good;
    good.packed = weights.packed.length();
    good.panelTo = panelsOf(6);
    const auto run = [&](const Arguments &a) {
        return fovea_gemm(in.get(), a.in, a.rows, a.k, weights.packed.get(), a.packed, a.n, out.get(), a.residual,
                          out.get(), a.out, a.activation, 0, 6, a.from, a.to, a.panelFrom, a.panelTo);
    };
    const auto with = [&](auto change) {
        Arguments a = good;
        change(a);
        return run(a);
    };
    EXPECT_EQ(-2, with([](Arguments &a) { a.in = 19; }));
    EXPECT_EQ(-3, with([](Arguments &a) { a.rows = -1; }));
    EXPECT_EQ(-4, with([](Arguments &a) { a.k = 0; }));
    EXPECT_EQ(-6, with([](Arguments &a) { a.packed--; }));
    EXPECT_EQ(-7, with([](Arguments &a) { a.n = -5; }));
    EXPECT_EQ(-9, with([](Arguments &a) { a.residual = 29; }));
    EXPECT_EQ(-11, with([](Arguments &a) { a.out = 29; }));
    EXPECT_EQ(-12, with([](Arguments &a) { a.activation = -1; }));
    EXPECT_EQ(-12, with([](Arguments &a) { a.activation = FOVEA_ACTIVATIONS; }));
    EXPECT_EQ(-15, with([](Arguments &a) { a.from = -1; }));
    EXPECT_EQ(-15, with([](Arguments &a) { a.to = 6; }));
    EXPECT_EQ(-15, with([](Arguments &a) { a.from = 4, a.to = 3; }));
    EXPECT_EQ(-17, with([](Arguments &a) { a.panelTo++; }));
    EXPECT_EQ(-2, fovea_gemm(nullptr, 20, 5, 4, weights.packed.get(), good.packed, 6, nullptr, 0, out.get(), 30, FOVEA_CLAMP, 0, 6,
                             0, 5, 0, 1));
    EXPECT_TRUE(out.untouchedOutside(0, 0));
    std::fill(out.get(), out.get() + 30, 0.0f);
    EXPECT_EQ(0, run(good));
}

TEST_F(StatusTest, TablesWithWrongEntries) {
    Random random(2);
    const Weights weights(random, 6, 4, 2);
    const DepthwiseWeights depthwise(random, 4, 2);
    const Input<float> in = randomFloats(random, 12);
    const Input<float> edge = randomEdge(random, 2, 4);
    Output out(100);
    Output scratch(size_t(fovea_conv_scratch(4, 2)));
    for (int32_t wrong : {-1, 5, 1 << 30, INT32_MIN}) {
        const int32_t table[] = {0, 1, 2, 3, 4, wrong};
        const auto conv = [&](int32_t to) {
            return fovea_conv(in.get(), 12, 3, 4, edge.get(), 8, 2, table, 6, nullptr, 0, 1, 2, 1,
                              weights.packed.get(), weights.packed.length(), 6, nullptr, 0, out.get(), 100, 3, FOVEA_CLAMP, 0, 6, 0, to, 0, panelsOf(6),
                              scratch.get(), scratch.length());
        };
        const auto dw = [&](int32_t to) {
            return fovea_depthwise(in.get(), 12, 3, 4, edge.get(), 8, 2, table, 6, nullptr, 0, 1, 2, 1,
                                   depthwise.packed.get(), depthwise.packed.length(), out.get(), 100, 3, FOVEA_CLAMP, 0, 6, 0, to);
        };
        EXPECT_EQ(-8, conv(3));
        EXPECT_EQ(-8, dw(3));
        EXPECT_EQ(-8, fovea_max_pool(in.get(), 12, 3, 4, edge.get(), 8, 2, table, 6, nullptr, 0, 1, 2, 1, out.get(), 100, 3, 0, 3));
        EXPECT_EQ(-8,
                  fovea_average_pool(in.get(), 12, 3, 4, edge.get(), 8, 2, table, 6, 2, 0, out.get(), 100, 3, 0, 3));
        EXPECT_TRUE(out.untouchedOutside(0, 0));
    }
    const int32_t table[] = {0, 1, 2, 3, 4, 4};
    EXPECT_EQ(-9, fovea_depthwise(in.get(), 12, 3, 4, edge.get(), 8, 2, table, 5, nullptr, 0, 1, 2, 1,
                                  depthwise.packed.get(), depthwise.packed.length(), out.get(), 100, 3, FOVEA_CLAMP, 0, 6, 0, 3));
    EXPECT_EQ(-7, fovea_depthwise(in.get(), 12, 3, 4, edge.get(), 8, 0, table, 6, nullptr, 0, 1, 2, 1,
                                  depthwise.packed.get(), depthwise.packed.length(), out.get(), 100, 3, FOVEA_CLAMP, 0, 6, 0, 3));
    EXPECT_EQ(-11, fovea_depthwise(in.get(), 12, 3, 4, edge.get(), 8, 2, table, 6, table, -1, 1, 2, 1,
                                   depthwise.packed.get(), depthwise.packed.length(), out.get(), 100, 3, FOVEA_CLAMP, 0, 6, 0, 3));
    EXPECT_EQ(-12, fovea_depthwise(in.get(), 12, 3, 4, edge.get(), 8, 2, table, 6, nullptr, 0, 10, 2, 1,
                                   depthwise.packed.get(), depthwise.packed.length(), out.get(), 100, 3, FOVEA_CLAMP, 0, 6, 0, 3));
    EXPECT_EQ(-31, fovea_conv(in.get(), 12, 3, 4, edge.get(), 8, 2, table, 6, nullptr, 0, 1, 2, 1,
                              weights.packed.get(), weights.packed.length(), 6, nullptr, 0, out.get(), 100, 3, FOVEA_CLAMP, 0, 6, 0, 3, 0, panelsOf(6),
                              scratch.get(), scratch.length() - 1));
}

} // namespace
