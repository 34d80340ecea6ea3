package io.fovea.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is picked from given times. */
class TierPickTest {
    private final TierPick pick = new TierPick();

    private TierPick.Picked picked() {
        return pick.pick("free"::equals);
    }

    @Test
    void staysWithTheFirstTierUnlessAStepIsClearlyFaster() {
        pick.add("a", "first", 100);
        pick.add("b", "first", 100);
        pick.add("a", "second", 93);
        pick.add("b", "second", 50);
        assertEquals(Map.of("a", "first", "b", "second"), picked().tiers());
        assertEquals(150, picked().nanos());
    }

    @Test
    void aTierThatWinsLittleOverTheWholeIsNotLoaded() {
        pick.add("small", "first", 10);
        pick.add("large", "first", 1000);
        pick.add("small", "second", 1);
        pick.add("large", "second", 2000);
        pick.add("small", "free", 5);
        assertEquals(Map.of("small", "free", "large", "first"), picked().tiers());
    }

    @Test
    void stepsThatOnlyALaterTierHasAreGivenToIt() {
        pick.add("a", "first", 100);
        pick.add("b", "second", 1);
        assertEquals(Map.of("a", "first", "b", "second"), picked().tiers());
    }

    @Test
    void aBlockIsTakenApartWhenItsLayersAreClearlyFaster() {
        pick.add("block", "first", 100);
        pick.block("block", List.of("a", "b"));
        pick.add("a", "first", 47);
        pick.add("b", "first", 48);
        assertEquals(Set.of("block"), picked().fused());
        pick.add("a", "first", 40);
        assertEquals(Set.of(), picked().fused());
        assertEquals(88, picked().nanos());
    }

    @Test
    void nothingMeasuredPicksNothing() {
        assertEquals(Map.of(), picked().tiers());
    }
}
