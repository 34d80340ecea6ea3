package io.fovea.run;

import io.fovea.graph.Reach;
import io.fovea.graph.Shape;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.sites.EdgeLayout;
import io.fovea.sites.Mask;
import io.fovea.sites.MaskPool;
import io.fovea.sites.RunTeller;
import io.fovea.sites.SiteGrid;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/** Chooses the sites of every domain for a mask and builds the tables. Belongs to one workspace. */
final class MaskedSites {
    private static final int MACS_PER_SITE = 50;
    private final Plan plan;
    private final SiteState state;
    private final MaskPool[] pools;
    private final boolean[][] flags;
    private final boolean[][] changed;
    private final Chores pooling;
    private final Chores telling;
    /** About what either takes, as so many multiply-accumulates. */
    private final long work;
    private Mask pooled;
    private double share;

    MaskedSites(Plan plan, boolean backgroundPerSite, Arena arena, RunTeller teller) {
        this(plan, new SiteState(plan, backgroundPerSite, arena, teller, null));
    }

    /** Makes sites whose inactive ones have background rows as the layouts say, by domain. */
    MaskedSites(Plan plan, EdgeLayout[] layouts, Arena arena, RunTeller teller) {
        this(plan, new SiteState(plan, layouts, arena, teller, null));
    }

    private MaskedSites(Plan plan, SiteState state) {
        this.plan = plan;
        this.state = state;
        Shape input = plan.graph().inputShape();
        List<Plan.Domain> domains = plan.domains();
        pools = new MaskPool[domains.size()];
        flags = new boolean[domains.size()][];
        changed = new boolean[plan.values().size()][];
        pooling = new Chores("choosing sites", pools.length, this::pool);
        telling = new Chores("building tables", state.tables(), state::buildTable);
        long sites = 0;
        for (int d = 0; d < pools.length; d++) {
            SiteGrid grid = domains.get(d).grid();
            pools[d] = new MaskPool(input.height(), input.width(), grid.height(), grid.width());
            flags[d] = new boolean[grid.sites()];
            if (domains.get(d).complete()) {
                state.set(d).fill();
            } else {
                sites += grid.sites();
            }
        }
        work = MACS_PER_SITE * sites;
    }

    SiteState state() {
        return state;
    }

    /**
     * The mask, pooled, at every resolution.
     *
     * @param team who shares the work
     */
    void gated(Mask mask, double coarseShare, Team team) {
        pools[0].check(mask);
        pooled = mask;
        share = coarseShare;
        team.run(pooling, null, null, work);
        rings();
        team.run(telling, null, null, work);
    }

    private void pool(int domain) {
        if (isMasked(domain)) {
            pools[domain].pool(pooled, share, state.set(domain));
        }
    }

    /** Finds the inactive sites that tables read. Sites that are chosen later count as chosen: a ring may be larger than need be. */
    private void rings() {
        for (int d = 1; d < flags.length; d++) {
            SiteSet set = state.set(d);
            if (set.layout() != EdgeLayout.RING) {
                continue;
            }
            boolean[] read = flags[d];
            Arrays.fill(read, false);
            for (Plan.Table table : plan.tables()) {
                if (table.in() == d) {
                    int base = plan.domains().get(table.out()).base();
                    state.set(base < 0 ? table.out() : base).markRead(table.reach(), set.grid(), read);
                }
            }
            set.setRing(read);
        }
    }

    private boolean isMasked(int domain) {
        return plan.domains().get(domain).base() < 0 && !plan.domains().get(domain).complete();
    }

    /**
     * Sites that can differ from the reference: from pixel to pixel through every window. A domain takes the union over its values;
     * computing more than needed changes nothing, since what lies outside equals the reference in every value.
     */
    void exact(Mask mask) {
        for (int v = 0; v < changed.length; v++) {
            int sites = plan.values().get(v).shape().sites();
            if (changed[v] == null) {
                changed[v] = new boolean[sites];
            }
            Arrays.fill(changed[v], false);
        }
        pools[0].pool(mask, 0, changed[0]);
        for (boolean[] flag : flags) {
            Arrays.fill(flag, false);
        }
        for (Step step : plan.steps()) {
            boolean[] out = changed[step.out()];
            if (step.table() >= 0) {
                grow(plan.tables().get(step.table()), changed[step.in()], out);
            } else {
                or(out, changed[step.in()]);
            }
            if (step.in2() >= 0) {
                or(out, changed[step.in2()]);
            }
            or(flags[step.outDomain()], out);
        }
        for (int d = 1; d < pools.length; d++) {
            if (isMasked(d)) {
                state.set(d).set(flags[d]);
            }
        }
        state.buildTables();
    }

    /** Marks what is marked; a single site that is repeated over a map marks all of it. */
    private static void or(boolean[] to, boolean[] from) {
        if (from.length == 1 && to.length > 1) {
            if (from[0]) {
                Arrays.fill(to, true);
            }
            return;
        }
        for (int i = 0; i < to.length; i++) {
            to[i] |= from[i];
        }
    }

    private void grow(Plan.Table table, boolean[] in, boolean[] out) {
        SiteGrid from = plan.domains().get(table.in()).grid();
        SiteGrid to = plan.domains().get(table.out()).grid();
        Reach reach = table.reach();
        for (int y = 0; y < to.height(); y++) {
            for (int x = 0; x < to.width(); x++) {
                boolean any = out[y * to.width() + x];
                for (int ky = 0; ky < reach.kernelH() && !any; ky++) {
                    int iy = reach.row(y, ky);
                    for (int kx = 0; kx < reach.kernelW() && !any; kx++) {
                        int ix = reach.column(x, kx);
                        any = iy >= 0 && ix >= 0 && iy < from.height() && ix < from.width()
                                && in[iy * from.width() + ix];
                    }
                }
                out[y * to.width() + x] = any;
            }
        }
    }
}
