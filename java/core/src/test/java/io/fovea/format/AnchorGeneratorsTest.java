package io.fovea.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.format.DetectorSpec.FeatureMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Anchors of each generator against values worked out by the frameworks' formulas, or published with their models. */
class AnchorGeneratorsTest {

    private static List<FeatureMap> maps(int width, int height, String anchors) {
        return SpecJson
                .read(("""
                        {"input": {"name": "x", "width": %d, "height": %d, "colorOrder": "RGB", "mean": [0, 0, 0], "scale": [1, 1, 1]},
                         "outputs": {"boxes": {"name": "b"}, "scores": {"name": "s"}}, "classes": ["a", "b"],
                         "scoreActivation": "sigmoid", "variances": [1, 1, 1, 1], "anchors": %s}""")
                        .formatted(width, height, anchors))
                .featureMaps();
    }

    private static void sizes(FeatureMap map, double... wh) {
        assertEquals(wh.length / 2, map.anchors().size());
        for (int i = 0; i < wh.length / 2; i++) {
            assertEquals(wh[2 * i], map.anchors().get(i).width(), 1e-3 * wh[2 * i], "width " + i);
            assertEquals(wh[2 * i + 1], map.anchors().get(i).height(), 1e-3 * wh[2 * i + 1], "height " + i);
        }
    }

    /** ssdlite320_mobilenet_v3_large and ssd300_vgg16 as torchvision makes them. */
    @Test
    void torchvisionSsd() {
        List<FeatureMap> lite = maps(320, 320, """
                {"generator": "torchvision_ssd", "minRatio": 0.2, "maxRatio": 0.95,
                 "aspectRatios": [[2, 3], [2, 3], [2, 3], [2, 3], [2, 3], [2, 3]],
                 "gridSizes": [[20, 20], [10, 10], [5, 5], [3, 3], [2, 2], [1, 1]]}""");
        sizes(lite.getFirst(), 64, 64, 84.66404, 84.66404, 90.50967, 45.25484, 45.25484, 90.50967, 110.8513, 36.95042,
                36.95042, 110.8513);
        assertEquals(16, lite.getFirst().strideX());
        assertEquals(3234, lite.stream().mapToInt(FeatureMap::rows).sum());
        List<FeatureMap> vgg = maps(300, 300, """
                {"generator": "torchvision_ssd", "scales": [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
                 "aspectRatios": [[2], [2, 3], [2, 3], [2, 3], [2], [2]], "steps": [8, 16, 32, 64, 100, 300]}""");
        sizes(vgg.getFirst(), 21, 21, 30.74085, 30.74085, 29.69848, 14.84924, 14.84924, 29.69848);
        assertEquals(8732, vgg.stream().mapToInt(FeatureMap::rows).sum());
        assertTrue(vgg.getLast().anchors().stream().allMatch(a -> a.width() <= 300 && a.height() <= 300));
    }

    @Test
    void torchvisionRetinaNet() {
        List<FeatureMap> maps = maps(640, 640,
                """
                        {"generator": "torchvision_retinanet", "steps": [8, 16, 32, 64, 128], "sizes": [[32, 40, 50], [64, 80, 101],
                         [128, 161, 203], [256, 322, 406], [512, 645, 812]]}""");
        sizes(maps.getFirst(), 46, 22, 56, 28, 70, 36, 32, 32, 40, 40, 50, 50, 22, 46, 28, 56, 36, 70);
        assertEquals(0, maps.getFirst().offset());
        assertEquals(76725, maps.stream().mapToInt(FeatureMap::rows).sum());
    }

    /** The 1,917 anchors of the API's MobileNet SSDs at 300 pixels. */
    @Test
    void tensorflowSsd() {
        List<FeatureMap> maps = maps(300, 300, """
                {"generator": "tf_ssd", "minScale": 0.2, "maxScale": 0.95,
                 "gridSizes": [[19, 19], [10, 10], [5, 5], [3, 3], [2, 2], [1, 1]]}""");
        sizes(maps.getFirst(), 30, 30, 60 * Math.sqrt(2), 60 / Math.sqrt(2), 60 / Math.sqrt(2), 60 * Math.sqrt(2));
        double second = 0.35 * 300;
        sizes(maps.get(1), second, second, second * Math.sqrt(2), second / Math.sqrt(2), second / Math.sqrt(2),
                second * Math.sqrt(2), second * Math.sqrt(3), second / Math.sqrt(3), second * Math.sqrt(0.3333),
                second / Math.sqrt(0.3333), 300 * Math.sqrt(0.35 * 0.5), 300 * Math.sqrt(0.35 * 0.5));
        assertEquals(1917, maps.stream().mapToInt(FeatureMap::rows).sum());
    }

    /** RetinaNet of the API at 640: 51,150 anchors with two scales and three ratios. */
    @Test
    void tensorflowMultiscale() {
        List<FeatureMap> maps = maps(640, 640, "{\"generator\": \"tf_multiscale\"}");
        double larger = 32 * Math.sqrt(2);
        sizes(maps.getFirst(), 32, 32, larger, larger, 32 * Math.sqrt(2), 32 / Math.sqrt(2), larger * Math.sqrt(2),
                larger / Math.sqrt(2), 32 / Math.sqrt(2), 32 * Math.sqrt(2), larger / Math.sqrt(2),
                larger * Math.sqrt(2));
        assertEquals(0.5f, maps.getFirst().offset());
        assertEquals(51150, maps.stream().mapToInt(FeatureMap::rows).sum());
    }

    /** SSD300 as its authors published it for Caffe: 8,732 anchors. */
    @Test
    void caffePriorBox() {
        List<FeatureMap> maps = maps(300, 300, """
                {"generator": "caffe_prior_box", "maps": [
                 {"step": 8, "minSizes": [30], "maxSizes": [60], "aspectRatios": [2]},
                 {"step": 16, "minSizes": [60], "maxSizes": [111], "aspectRatios": [2, 3]},
                 {"step": 32, "minSizes": [111], "maxSizes": [162], "aspectRatios": [2, 3]},
                 {"step": 64, "minSizes": [162], "maxSizes": [213], "aspectRatios": [2, 3]},
                 {"step": 100, "minSizes": [213], "maxSizes": [264], "aspectRatios": [2]},
                 {"step": 300, "minSizes": [264], "maxSizes": [315], "aspectRatios": [2]}]}""");
        sizes(maps.getFirst(), 30, 30, 42.4264, 42.4264, 42.4264, 21.2132, 21.2132, 42.4264);
        assertEquals(8732, maps.stream().mapToInt(FeatureMap::rows).sum());
    }

    @Test
    void caffePriorBoxClustered() {
        List<FeatureMap> maps = maps(672, 384, """
                {"generator": "caffe_prior_box_clustered", "maps": [
                 {"step": 16, "widths": [9.4, 25.1], "heights": [15, 39.6]}, {"width": 21, "height": 12, "widths": [50],
                  "heights": [90]}]}""");
        sizes(maps.getFirst(), 9.4, 15, 25.1, 39.6);
        assertEquals(24 * 42 * 2 + 12 * 21, maps.stream().mapToInt(FeatureMap::rows).sum());
        assertEquals(32, maps.getLast().strideY());
    }

    @Test
    void yoloBySitesOrByAnchors() {
        String anchors = """
                {"generator": "yolo", "steps": [8, 16], "order": "%s", "maps": [{"anchors": [[10, 13], [16, 30]]},
                 {"anchors": [[30, 61], [62, 45]]}]}""";
        assertEquals(2, maps(64, 48, anchors.formatted("site")).size());
        List<FeatureMap> apart = maps(64, 48, anchors.formatted("anchor"));
        assertEquals(4, apart.size());
        sizes(apart.get(1), 16, 30);
        assertEquals(2 * (6 * 8 + 3 * 4), apart.stream().mapToInt(FeatureMap::rows).sum());
    }

    @Test
    void anUnknownGeneratorIsNamed() {
        String message = assertThrows(ModelFormatException.class, () -> maps(64, 64, "{\"generator\": \"other\"}"))
                .getMessage();
        assertTrue(message.contains("anchors.generator: 'other' is unknown"), message);
    }
}
