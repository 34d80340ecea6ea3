package io.fovea.run;

import io.fovea.plan.Plan;
import io.fovea.sites.EdgeLayout;
import io.fovea.sites.NeighbourTable;
import io.fovea.sites.RunTeller;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/** The site sets and neighbour tables of a plan at one moment. */
final class SiteState {
    private final SiteSet[] sets;
    private final NeighbourTable[] tables;
    private final int[] late;
    /** By domain the one that it is chosen from in the middle of the plan, or -1. */
    private final int[] bases;

    SiteState(Plan plan, boolean backgroundPerSite, Arena arena, RunTeller teller, SiteState base) {
        this(plan, layouts(plan, backgroundPerSite), arena, teller, base);
    }

    private static EdgeLayout[] layouts(Plan plan, boolean backgroundPerSite) {
        EdgeLayout[] layouts = new EdgeLayout[plan.domains().size()];
        Arrays.fill(layouts, backgroundPerSite ? EdgeLayout.PER_SITE : EdgeLayout.SHARED);
        return layouts;
    }

    /**
     * Makes a state.
     *
     * @param layouts background rows by domain; complete ones need none
     * @param teller finds the runs of tables, or null
     * @param base state whose sets and tables are shared wherever the mask alone decides them, or null for sets of its own
     */
    SiteState(Plan plan, EdgeLayout[] layouts, Arena arena, RunTeller teller, SiteState base) {
        List<Plan.Domain> domains = plan.domains();
        bases = domains.stream().mapToInt(Plan.Domain::base).toArray();
        sets = new SiteSet[domains.size()];
        for (int d = 0; d < sets.length; d++) {
            sets[d] = base != null && domains.get(d).base() < 0
                    ? base.sets[d]
                    : new SiteSet(domains.get(d).grid(), domains.get(d).complete() ? EdgeLayout.SHARED : layouts[d],
                            arena);
        }
        tables = new NeighbourTable[plan.tables().size()];
        late = new int[tables.length];
        for (int t = 0; t < tables.length; t++) {
            Plan.Table table = plan.tables().get(t);
            late[t] = domains.get(table.out()).base() >= 0 ? table.out() : -1;
            tables[t] = base != null && late[t] < 0
                    ? base.tables[t]
                    : new NeighbourTable(table.reach(), sets[table.in()], sets[table.out()], arena, teller);
        }
    }

    /** Returns a state in which every site is active and every table stands. */
    static SiteState dense(Plan plan, Arena arena, RunTeller teller) {
        SiteState state = new SiteState(plan, false, arena, teller, null);
        for (SiteSet set : state.sets) {
            set.fill();
        }
        state.buildTables();
        return state;
    }

    void buildTables() {
        for (int t = 0; t < tables.length; t++) {
            buildTable(t);
        }
    }

    /** Returns the number of tables. */
    int tables() {
        return tables.length;
    }

    /** Builds a table, unless its domain is chosen in the middle of the plan; several threads may build different ones. */
    void buildTable(int table) {
        if (late[table] < 0) {
            tables[table].build();
        }
    }

    /** Builds the tables of a domain that was chosen in the middle of the plan. */
    void buildTables(int domain) {
        for (int t = 0; t < tables.length; t++) {
            if (late[t] == domain) {
                tables[t].build();
            }
        }
    }

    /** Returns the rows of a domain; of one that is chosen in the middle of the plan, those it is chosen from. */
    int rows(int domain) {
        return sets[bases[domain] < 0 ? domain : bases[domain]].count();
    }

    SiteSet set(int domain) {
        return sets[domain];
    }

    NeighbourTable table(int table) {
        return table < 0 ? null : tables[table];
    }
}
