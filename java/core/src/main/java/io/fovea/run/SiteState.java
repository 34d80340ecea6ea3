package io.fovea.run;

import io.fovea.plan.Plan;
import io.fovea.sites.NeighbourTable;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.util.List;

/** The site sets and neighbour tables of a plan at one moment. */
final class SiteState {
    private final SiteSet[] sets;
    private final NeighbourTable[] tables;

    SiteState(Plan plan, boolean backgroundPerSite, Arena arena) {
        List<Plan.Domain> domains = plan.domains();
        sets = new SiteSet[domains.size()];
        for (int d = 0; d < sets.length; d++) {
            sets[d] = new SiteSet(domains.get(d).grid(), backgroundPerSite && d > 0, arena);
        }
        tables = new NeighbourTable[plan.tables().size()];
        for (int t = 0; t < tables.length; t++) {
            Plan.Table table = plan.tables().get(t);
            tables[t] = new NeighbourTable(table.window(), sets[table.in()], sets[table.out()], arena);
        }
    }

    /** Returns a state in which every site is active and every table stands. */
    static SiteState dense(Plan plan, Arena arena) {
        SiteState state = new SiteState(plan, false, arena);
        for (SiteSet set : state.sets) {
            set.fill();
        }
        state.buildTables();
        return state;
    }

    void buildTables() {
        for (NeighbourTable table : tables) {
            table.build();
        }
    }

    SiteSet set(int domain) {
        return sets[domain];
    }

    NeighbourTable table(int table) {
        return table < 0 ? null : tables[table];
    }
}
