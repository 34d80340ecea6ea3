package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.Calibration.HeadUnit;
import io.fovea.graph.Activation;
import io.fovea.graph.Graph;
import io.fovea.graph.Node;
import io.fovea.graph.Op;
import io.fovea.graph.Shape;
import io.fovea.graph.Window;
import io.fovea.run.SessionOptions.HeadGate;
import io.fovea.sites.Mask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Books of nets small enough for a pencil. The photo is 4x4x2: channel 0 is 1 in the two left columns and -1 in the right ones, channel 1
 * is 1 in the two upper rows and 0 below. The first convolution makes three channels of it: relu(c0), relu(-c0), relu(c1), so each is
 * non-zero on 8 of 16 sites.
 */
class BooksTest {
    private static final Window THREE = Window.square(3, 1, 1);

    static List<String> tiers() {
        return io.fovea.testing.Tiers.here();
    }

    private static void photo(MemorySegment rows) {
        for (int site = 0; site < 16; site++) {
            rows.setAtIndex(ValueLayout.JAVA_FLOAT, 2 * site, site % 4 < 2 ? 1 : -1);
            rows.setAtIndex(ValueLayout.JAVA_FLOAT, 2 * site + 1, site < 8 ? 1 : 0);
        }
    }

    private static Node expand() {
        return new Node("expand", new Op.Conv(Window.POINTWISE, 1, 3, new float[]{1, 0, -1, 0, 0, 1}, new float[3],
                Activation.RELU), List.of("image"), "wide");
    }

    /** A depthwise convolution that copies: only the middle tap is not zero. */
    private static Node copy(String name, String in, String out) {
        float[] weights = new float[27];
        weights[4] = weights[13] = weights[22] = 1;
        return new Node(name, new Op.Conv(THREE, 3, 3, weights, new float[3], Activation.RELU), List.of(in), out);
    }

    private static Node ones(String name, int channels, String in, String out) {
        float[] weights = new float[3 * channels];
        Arrays.fill(weights, 1);
        return new Node(name,
                new Op.Conv(Window.POINTWISE, 1, channels, weights, new float[channels], Activation.NONE), List.of(in),
                out);
    }

    private static Session body(String tier) {
        Graph graph = new Graph("body", "image", new Shape(4, 4, 2),
                List.of(expand(), copy("depthwise", "wide", "same"), ones("project", 2, "same", "narrow")),
                List.of("narrow"));
        return Session.open(graph, new SessionOptions(1, tier));
    }

    /** A background of fives: what a kernel reads outside the mask must not count. */
    private static Gating gating(Session session) {
        Map<String, float[]> fives = new HashMap<>();
        session.plan().values().forEach(v -> {
            float[] row = new float[v.shape().channels()];
            Arrays.fill(row, 5);
            fives.put(v.name(), row);
        });
        return Gating.gated(new MeanBackground("fives", fives));
    }

    private static void assertTotals(long dense, long executed, long nonZero, long gate, Books books) {
        assertEquals(dense, books.dense(), () -> "dense in " + books);
        assertEquals(executed, books.executed(), () -> "executed in " + books);
        assertEquals(nonZero, books.nonZero(), () -> "non-zero in " + books);
        assertEquals(gate, books.gate(), () -> "gate in " + books);
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void denseRun(String tier) {
        try (Session session = body(tier)) {
            Books books = Books.of(session, BooksTest::photo, null, null, true, 0);
            // expand 16*2*3 = 96 of which 24/32 non-zero; depthwise 16*3*9 = 432, half; project 16*3*2 = 96, half.
            assertTotals(624, 624, 72 + 216 + 48, 0, books);
            assertEquals(session.denseMacs(), books.dense());
            assertEquals(1, books.executedShare());
            assertEquals(336.0 / 624, books.nonZeroShare(), 1e-12);
            assertEquals(new Books.Entry("expand", 96, 96, 72, 0), books.entries().getFirst());
            assertEquals(session.plan().steps().size(), books.entries().size());
        }
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void oneCellOfFour(String tier) {
        try (Session session = body(tier)) {
            Mask mask = Mask.of(4, 4, 2, new boolean[]{true, false, false, false});
            Books books = Books.of(session, BooksTest::photo, mask, gating(session), true, 7);
            // Upper left cell: its 4 pixels have both values, its 4 sites two of three channels.
            // Non-zero: 96 * 8/32, 432 * 8/48, 96 * 8/48.
            assertTotals(624, 624 / 4, 24 + 72 + 16, 7, books);
            assertEquals((156.0 + 7) / 624, books.executedShare(), 1e-12);
            assertEquals((112.0 + 7) / 624, books.nonZeroShare(), 1e-12);
        }
    }

    @Test
    void fullMaskIsDenseAndEmptyMaskIsNothing() {
        try (Session session = body("scalar")) {
            Books full = Books.of(session, BooksTest::photo, Mask.uniform(4, 4, 2, true), gating(session), true, 0);
            assertTotals(624, 624, 336, 0, full);
            Books empty = Books.of(session, BooksTest::photo, Mask.uniform(4, 4, 2, false), gating(session), true, 3);
            assertTotals(624, 0, 0, 3, empty);
        }
    }

    @Test
    void aMaskThatSavesTooLittleIsIgnored() {
        try (Session session = body("scalar")) {
            boolean[] flags = new boolean[16];
            Arrays.fill(flags, true);
            flags[15] = false;
            Mask mask = Mask.of(4, 4, 1, flags);
            Gating gating = gating(session);
            double share = 15.0 / 16;
            assertTrue(share < session.breakEven(), "break-even " + session.breakEven());
            assertEquals(624 * 15 / 16, Books.of(session, BooksTest::photo, mask, gating, true, 0).executed());
            flags[15] = true;
            Books ignored = Books.of(session, BooksTest::photo, Mask.of(4, 4, 1, flags), gating, true, 0);
            assertTotals(624, 624, 336, 0, ignored);
        }
    }

    @ParameterizedTest
    @MethodSource("tiers")
    void headGateUnitsAreBookedAsGate(String tier) {
        Graph graph = new Graph("head", "image", new Shape(4, 4, 2),
                List.of(expand(), ones("boxes conv", 4, "wide", "b"),
                        new Node("boxes", new Op.HeadRows(4), List.of("b"), "boxes"), copy("scores dw", "wide", "d"),
                        ones("scores conv", 2, "d", "s"),
                        new Node("scores", new Op.HeadRows(2), List.of("s"), "scores")),
                List.of("boxes", "scores"));
        // The unit picks the two left columns: 8 of 16 sites.
        HeadGate gate = new HeadGate("boxes", "scores",
                List.of(new HeadUnit("wide", new float[]{1, 0, 0}, 0, 0.5f)));
        try (Session session = Session.open(graph, new SessionOptions(1, tier, gate))) {
            Books books = Books.of(session, BooksTest::photo, null, null, true, 0);
            // Dense: 96; boxes 16*3*4 = 192; depthwise 432; scores 16*3*2 = 96. Unit: 16*3 = 48.
            // Non-zero: what reads 'wide' has 24/48; 'd' is left out on the right: 8 + 0 + 4 of 48.
            assertTotals(816, 96 + (192 + 432 + 96) / 2, 72 + 96 + 216 + 24, 48, books);
            try (Workspace workspace = session.lease()) {
                photo(workspace.input());
                workspace.run();
                assertEquals(workspace.executedMacs(), books.executed() + books.gate());
            }
        }
    }

    @Test
    void profileHasTheBooksAndTheTimesOfEveryStep() {
        try (Session session = body("scalar")) {
            Mask mask = Mask.of(4, 4, 2, new boolean[]{true, false, false, false});
            Gating gating = gating(session);
            Profile profile = Profile.of(session, BooksTest::photo, mask, gating, true, 0, 5);
            assertTrue(profile.masked());
            assertEquals(Books.of(session, BooksTest::photo, mask, gating, true, 0), profile.books());
            assertEquals(List.of("4x4x2 > 4x4x3", "4x4x3 > 4x4x3", "4x4x3 > 4x4x2"),
                    profile.entries().stream().map(Profile.Entry::shape).toList());
            for (Profile.Entry entry : profile.entries()) {
                assertEquals(4, entry.active());
                assertEquals(16, entry.sites());
                assertTrue(entry.micros() > 0, entry::toString);
                assertEquals(entry.macs().executed() / entry.micros() / 1000, entry.gigaMacsPerSecond(), 1e-12);
            }
            assertTrue(profile.sitesMicros() > 0 && profile.sumMicros() > profile.sitesMicros(), profile::toString);
            Profile dense = Profile.of(session, BooksTest::photo, null, null, true, 0, 4);
            assertFalse(dense.masked());
            assertEquals(0, dense.sitesMicros());
            assertThrows(IllegalArgumentException.class, () -> Profile.of(session, BooksTest::photo,
                    Mask.uniform(4, 4, 2, false), gating, true, 0, 5));
        }
    }
}
