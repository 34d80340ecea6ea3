package io.fovea.run;

import io.fovea.plan.Step;
import java.lang.foreign.MemorySegment;

/** Looks at each step's output right after it is computed; buffers are shared, so later steps overwrite it. */
@FunctionalInterface
public interface StepObserver {

    /** Called once per run, when the sites are chosen and the first step is about to start. */
    default void before() {
    }

    /**
     * Called after a step.
     *
     * @param index index of the step in the plan
     * @param step the step
     * @param out packed output rows
     */
    void after(int index, Step step, MemorySegment out);
}
