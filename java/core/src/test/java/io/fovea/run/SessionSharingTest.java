package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.graph.Graph;
import io.fovea.graph.Shape;
import io.fovea.sites.Mask;
import io.fovea.testing.Masks;
import io.fovea.testing.SmallDetector;
import io.fovea.testing.Tiers;
import io.fovea.testing.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One session under many callers, closed early, closed late and closed twice. */
@Timeout(60)
class SessionSharingTest {
    private static final Graph NET = SmallDetector.of(5).graph();
    private static final Shape SHAPE = NET.inputShape();

    private static Session open(int threads) {
        return Session.open(NET, new SessionOptions(threads, "vector"));
    }

    /** One way to use a workspace. */
    private record Use(String name, float[] photo, Mask mask, Gating gating) {

        List<float[]> run(Session session) {
            try (Workspace workspace = session.lease()) {
                MemorySegment.copy(photo, 0, workspace.input(), ValueLayout.JAVA_FLOAT, 0, photo.length);
                if (mask == null) {
                    workspace.run();
                } else {
                    workspace.run(mask, gating);
                }
                return session.plan().outputs().stream().map(o -> workspace.output(o.name())).toList();
            }
        }
    }

    private static List<Use> uses(Session session) {
        ReferenceBackground reference = ReferenceBackground.of("reference", session,
                input -> MemorySegment.copy(Values.gaussian(1, SHAPE.values()), 0, input, ValueLayout.JAVA_FLOAT, 0,
                        SHAPE.values()));
        Map<String, float[]> means = new HashMap<>();
        Graph graph = session.plan().graph();
        graph.nodes().forEach(n -> means.put(n.output(), Values.gaussian(2, graph.shape(n.output()).channels())));
        MeanBackground mean = new MeanBackground("means", means);
        List<Use> uses = new ArrayList<>();
        Masks.all(SHAPE.height(), SHAPE.width(), 8, 4).forEach((name, mask) -> {
            float[] photo = Values.gaussian(name.hashCode(), SHAPE.values());
            uses.add(new Use("dense " + name, photo, null, null));
            uses.add(new Use("per site " + name, photo, mask, Gating.gated(reference)));
            uses.add(new Use("means " + name, photo, mask, Gating.gated(mean)));
            uses.add(new Use("exact " + name, photo, mask, Gating.exact(reference)));
        });
        return uses;
    }

    @Test
    void manyCallersWithOwnPhotosAndMasksGetTheBitsOfOneAfterAnother() throws InterruptedException {
        for (String tier : Tiers.fast()) {
            for (int threads = 1; threads <= 2; threads++) {
                String what = tier + ", threads " + threads;
                try (Session session = Session.open(NET, new SessionOptions(threads, tier))) {
                    List<Use> uses = uses(session);
                    List<List<float[]>> want = uses.stream().map(u -> u.run(session)).toList();
                    WorkerPoolTest.inParallel(6, caller -> {
                        for (int i = 0; i < 60; i++) {
                            int u = (i * 7 + caller * 5) % uses.size();
                            List<float[]> got = uses.get(u).run(session);
                            for (int o = 0; o < got.size(); o++) {
                                Values.assertSameBits(want.get(u).get(o), got.get(o),
                                        uses.get(u).name() + ", caller " + caller + ", " + what);
                            }
                        }
                    });
                }
            }
        }
    }

    @Test
    void aWorkspaceClosedTwiceIsHandedOutOnce() {
        try (Session session = open(1)) {
            Workspace first = session.lease();
            first.close();
            first.close();
            try (Workspace a = session.lease()) {
                first.close();
                try (Workspace b = session.lease()) {
                    assertNotEquals(a.input().address(), b.input().address(), "two leases, one buffer");
                    assertThrows(IllegalStateException.class, first::input);
                    assertThrows(IllegalStateException.class, () -> first.run());
                    assertThrows(IllegalStateException.class, () -> first.output("boxes"));
                }
            }
        }
    }

    @Test
    void workspacesAreUsedAgain() {
        try (Session session = open(1)) {
            long address;
            try (Workspace workspace = session.lease()) {
                address = workspace.input().address();
            }
            try (Workspace workspace = session.lease()) {
                assertEquals(address, workspace.input().address(), "the free buffers are taken first");
            }
        }
    }

    @Test
    void closingWaitsForRunsUnderWayEvenWhenInterrupted() throws InterruptedException {
        Session session = open(1);
        Workspace workspace = session.lease();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread closer = Thread.ofPlatform().start(() -> {
            session.close();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        waitFor(() -> refuses(session));
        closer.interrupt();
        Thread.sleep(50);
        assertTrue(closer.isAlive(), "closed over a run under way");
        assertDoesNotThrow(() -> workspace.run(), "a run under way goes on");
        workspace.close();
        closer.join();
        assertTrue(interrupted.get(), "the interrupt is kept for the caller");
        assertThrows(IllegalStateException.class, session::lease);
        assertThrows(IllegalStateException.class, () -> session.run(new float[SHAPE.values()]));
        assertThrows(IllegalStateException.class, () -> workspace.run());
        session.close();
        workspace.close();
    }

    private static boolean refuses(Session session) {
        try {
            session.lease().close();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static void waitFor(Condition condition) throws InterruptedException {
        while (!condition.holds()) {
            Thread.sleep(1);
        }
    }

    @Test
    void closingUnderFireEndsEveryCallerWithOneClearError() throws InterruptedException {
        for (int round = 0; round < 5; round++) {
            Session session = open(2);
            float[] photo = Values.gaussian(round, SHAPE.values());
            Map<String, float[]> want = session.run(photo);
            CountDownLatch running = new CountDownLatch(4);
            Thread closer = Thread.ofPlatform().start(() -> {
                assertDoesNotThrow(() -> running.await());
                session.close();
            });
            WorkerPoolTest.inParallel(5, caller -> {
                if (caller == 4) {
                    running.await();
                    session.close();
                    return;
                }
                boolean first = true;
                while (true) {
                    try {
                        Map<String, float[]> got = session.run(photo);
                        want.forEach((name, values) -> Values.assertSameBits(values, got.get(name), name));
                    } catch (IllegalStateException e) {
                        assertEquals("session is closed", e.getMessage());
                        assertFalse(first, "closed before the first run");
                        return;
                    }
                    if (first) {
                        first = false;
                        running.countDown();
                    }
                }
            });
            closer.join();
        }
    }

    @Test
    void anInterruptedCallerStillGetsItsResult() throws InterruptedException {
        try (Session session = open(2)) {
            float[] photo = Values.gaussian(9, SHAPE.values());
            Map<String, float[]> want = session.run(photo);
            WorkerPoolTest.inParallel(2, caller -> {
                for (int i = 0; i < 20; i++) {
                    Thread.currentThread().interrupt();
                    Map<String, float[]> got = session.run(photo);
                    want.forEach((name, values) -> Values.assertSameBits(values, got.get(name), name));
                    assertTrue(Thread.interrupted(), "the interrupt is kept for the caller");
                }
            });
        }
    }
}
