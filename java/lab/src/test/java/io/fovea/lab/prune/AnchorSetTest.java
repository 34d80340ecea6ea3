package io.fovea.lab.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AnchorSetTest {

    @Test
    void writesAndReadsItself() {
        Random random = new Random(4);
        for (int n : new int[]{1, 3, 4, 33, 63, 64, 65, 130}) {
            for (int i = 0; i < 20; i++) {
                AnchorSet s = AnchorSet.of(n, random.ints(random.nextInt(n + 1), 0, n).toArray());
                assertEquals(s, AnchorSet.fromHex(n, s.toHex()), n + " " + s);
                assertEquals(0, s.compareTo(AnchorSet.fromHex(n, s.toHex())));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> AnchorSet.fromHex(5, "4"));
        assertThrows(IllegalArgumentException.class, () -> AnchorSet.fromHex(5, "40"));
        assertThrows(IllegalArgumentException.class, () -> AnchorSet.fromHex(5, "1g"));
    }

    @Test
    void removesAndIntersects() {
        AnchorSet s = AnchorSet.all(70).minus(AnchorSet.of(70, 0, 64, 69));
        assertEquals(67, s.size());
        assertArrayEquals(new int[]{1, 68}, s.and(AnchorSet.of(70, 0, 1, 68, 69)).members());
        assertTrue(s.compareTo(AnchorSet.all(70)) < 0);
        assertThrows(IllegalArgumentException.class, () -> AnchorSet.of(3, 3));
    }
}
