package io.fovea.lab.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published configurations' boxes and head multiply-accumulates, to the unit. */
class HeadCostTest {

    /** SSD300 with VGG16 on COCO: 80 classes and background, 3x3 convolutions on six maps. */
    private static HeadCost ssd300() {
        int[] sizes = {38, 19, 10, 5, 3, 1};
        int[] anchors = {4, 6, 6, 6, 4, 4};
        int[] channels = {512, 1024, 512, 256, 256, 256};
        List<HeadCost.Level> levels = new ArrayList<>();
        for (int l = 0; l < sizes.length; l++) {
            levels.add(HeadCost.Level.plain(sizes[l], sizes[l], anchors[l], channels[l], 3, 4 + 81, 0));
        }
        return new HeadCost(levels);
    }

    /** RetinaNet with 256-channel FPN maps P3..P7 of an 800x1200 photo: two towers of four 3x3 convolutions, 9 anchors. */
    private static HeadCost retinaNet() {
        int[][] sizes = {{100, 150}, {50, 75}, {25, 38}, {13, 19}, {7, 10}};
        List<HeadCost.Level> levels = new ArrayList<>();
        for (int[] s : sizes) {
            levels.add(HeadCost.Level.plain(s[0], s[1], 9, 256, 3, 4 + 80, 2L * 4 * 9 * 256 * 256));
        }
        return new HeadCost(levels);
    }

    @ParameterizedTest
    @CsvSource({"base, '', 4-6-6-6-4-4, 8732, 4231319040, 4231", //
            "A, '5 7 13 16 17 19 22 25 26 27 28', 4-4-5-3-2-1, 7814, 3607764480, 3607",
            "B, '1 2 5 7 13 16 17 19 24 25 26 27 28', 2-4-5-3-2-1, 4926, 2476592640, 2476",
            "C, '1 2 3 5 7 8 13 16 17 19 22 25 26 27 28', 1-3-5-3-2-1, 3121, 1628213760, 1628",
            "D, '0 1 2 3 5 6 7 8 13 16 17 19 20 22 25 26 27 28', 0-2-5-2-2-1, 1291, 774938880, 774"})
    void ssd300OfThePaper(String name, String removed, String perLevel, long boxes, long macs, long published) {
        HeadCost head = ssd300();
        AnchorSet kept = head.all();
        for (String id : removed.isEmpty() ? new String[0] : removed.split(" ")) {
            kept = kept.minus(AnchorSet.of(30, Integer.parseInt(id)));
        }
        String[] counts = perLevel.split("-");
        assertArrayEquals(java.util.stream.Stream.of(counts).mapToInt(Integer::parseInt).toArray(),
                head.perLevel(kept), name);
        assertEquals(boxes, head.boxes(kept), name);
        assertEquals(macs, head.macs(kept), name);
        assertEquals(published, head.macs(kept) / 1_000_000, name);
    }

    @Test
    void retinaNetOfThePaper() {
        HeadCost head = retinaNet();
        long sites = 15000 + 3750 + 950 + 247 + 70;
        assertEquals(sites * 9, head.boxes(head.all()));
        assertEquals(20017L * 6_460_416, head.macs(head.all()));
        SearchSpace shared = SearchSpace.sharedShapes(head);
        assertEquals(9 + 5, shared.units().size());
        AnchorSet oneShapeLess = head.all().minus(shared.units().get(6));
        assertEquals(20017L * 6_266_880, head.macs(oneShapeLess));
        AnchorSet pruned = oneShapeLess.minus(shared.units().get(9));
        assertArrayEquals(new int[]{0, 8, 8, 8, 8}, head.perLevel(pruned));
        assertEquals(5017L * 6_266_880, head.macs(pruned));
        assertEquals(5017L * 8, head.boxes(pruned));
        assertEquals(129.3, head.macs(head.all()) / 1e9, .05);
        assertEquals(125.4, head.macs(oneShapeLess) / 1e9, .05);
        assertEquals(31.4, head.macs(pruned) / 1e9, .05);
    }
}
