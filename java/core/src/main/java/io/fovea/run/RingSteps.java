package io.fovea.run;

import io.fovea.kernel.Operands;
import io.fovea.kernel.Scratch;
import io.fovea.plan.Plan;
import io.fovea.plan.Step;
import io.fovea.sites.Background;
import io.fovea.sites.EdgeLayout;
import io.fovea.sites.Periphery;
import io.fovea.sites.SiteSet;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;

/**
 * Which steps of a plan read edge rows of a ring, where those rows lie, and which step has them made: the first of those that read one value.
 * Belongs to one workspace.
 */
final class RingSteps {
    private static final int SHARED = 0;
    private final Plan plan;
    private final RingRows rows;
    private final boolean[] reads;
    private final boolean[] makes;
    private final int[] readers;
    private final boolean[] made;

    RingSteps(Plan plan, Arena arena) {
        this.plan = plan;
        this.rows = new RingRows(arena, plan.values().size() + 1);
        this.reads = new boolean[plan.steps().size()];
        this.makes = new boolean[plan.steps().size()];
        this.readers = new int[plan.values().size()];
        this.made = new boolean[plan.values().size()];
    }

    /** Takes what the next runs read; the background serves values that the periphery does not have. */
    void bind(Background background, Periphery periphery) {
        rows.bind(background, periphery);
    }

    /** Returns the multiply-accumulates that the rows have taken since they were bound. */
    long macs() {
        return rows.macs();
    }

    /** Notes whether a step reads a ring, and returns it. */
    boolean reads(int step, SiteSet in) {
        reads[step] = in.layout() == EdgeLayout.RING;
        return reads[step];
    }

    /** Returns whether a step reads only sites that its own were chosen from: its table then names no background. */
    boolean picks(Step step) {
        return plan.domains().get(step.outDomain()).base() == step.inDomain()
                && plan.tables().get(step.table()).reach().taps() == 1;
    }

    /** Gives a buffer to each value that several steps read as a ring, and one to all others together. */
    void place(Operands[] operands) {
        List<Step> steps = plan.steps();
        Arrays.fill(readers, 0);
        Arrays.fill(made, false);
        long most = 0;
        for (int s = 0; s < reads.length; s++) {
            if (reads[s]) {
                readers[steps.get(s).edge()] += picks(steps.get(s)) ? 0 : 1;
                most = Math.max(most, floats(s, operands[s]));
            }
        }
        for (int s = 0; s < reads.length; s++) {
            makes[s] = false;
            if (reads[s]) {
                int edge = steps.get(s).edge();
                boolean own = readers[edge] > 1;
                operands[s].edge = own ? rows.reserve(1 + edge, floats(s, operands[s])) : rows.reserve(SHARED, most);
                makes[s] = !picks(steps.get(s)) && !(own && made[edge]);
                made[edge] |= makes[s];
            }
        }
    }

    private long floats(int step, Operands operands) {
        return (long) operands.edgeRows * plan.values().get(plan.steps().get(step).edge()).shape().channels();
    }

    /** Makes the rows that a step reads, where it is the first to read them. */
    void make(int step, SiteState sites, Operands operands, Team team, Scratch scratch) {
        if (reads[step] && makes[step]) {
            Step reader = plan.steps().get(step);
            Plan.Value edge = plan.values().get(reader.edge());
            rows.aim(edge.name(), sites.set(reader.inDomain()), edge.shape().channels(), operands.edge);
            team.run(rows, operands, scratch);
        }
    }
}
