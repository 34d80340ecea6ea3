package io.fovea.format;

import io.fovea.format.DetectorSpec.Anchor;
import io.fovea.format.DetectorSpec.FeatureMap;
import io.fovea.format.DetectorSpec.InputSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes anchors the way training frameworks do: {@code "anchors": {"generator": NAME, ...}} in place of {@code featureMaps}. Sizes are
 * computed in double precision and kept as float32.
 */
final class AnchorGenerators {
    private final JsonObject o;
    private final int width;
    private final int height;

    private AnchorGenerators(JsonObject o, InputSpec input) {
        this.o = o;
        this.width = input.width();
        this.height = input.height();
    }

    static List<FeatureMap> read(JsonObject o, InputSpec input) {
        AnchorGenerators g = new AnchorGenerators(o, input);
        String name = o.text("generator");
        return switch (name) {
            case "torchvision_ssd" -> g.torchvisionSsd();
            case "torchvision_retinanet" -> g.torchvisionRetinaNet();
            case "tf_ssd" -> g.tensorflowSsd();
            case "tf_multiscale" -> g.tensorflowMultiscale();
            case "caffe_prior_box" -> g.caffe(false);
            case "caffe_prior_box_clustered" -> g.caffe(true);
            case "yolo" -> g.yolo();
            default -> {
                o.check(false, "generator", "'" + name + "' is unknown (torchvision_ssd, torchvision_retinanet, tf_ssd,"
                        + " tf_multiscale, caffe_prior_box, caffe_prior_box_clustered, yolo are known)");
                yield null;
            }
        };
    }

    /** Cells of each map: {@code gridSizes} as [height, width] or size, else what {@code steps} leave of the input, rounded up. */
    private int[][] grids(int count) {
        if (o.has("gridSizes")) {
            List<List<Float>> given = o.floatLists("gridSizes");
            o.check(given.size() == count, "gridSizes", given.size() + " for " + count + " maps");
            return given.stream().map(g -> {
                o.check(g.size() == 2, "gridSizes", "a size is [height, width]");
                return new int[]{Math.round(g.get(0)), Math.round(g.get(1))};
            }).toArray(int[][]::new);
        }
        List<Float> steps = o.floats("steps");
        o.check(steps.size() == count, "steps", steps.size() + " for " + count + " maps");
        return steps.stream().map(s -> {
            o.check(s > 0, "steps", "must be above 0");
            return new int[]{(int) Math.ceil(height / s), (int) Math.ceil(width / s)};
        }).toArray(int[][]::new);
    }

    private FeatureMap map(int[] grid, double strideX, double strideY, double offset, List<double[]> sizes) {
        return new FeatureMap(grid[0], grid[1], (float) strideX, (float) strideY, (float) offset,
                sizes.stream().map(s -> new Anchor((float) s[0], (float) s[1])).toList());
    }

    private double number(String key, double otherwise) {
        return o.has(key) ? o.number(key) : otherwise;
    }

    /** torchvision.models.detection.anchor_utils.DefaultBoxGenerator. */
    private List<FeatureMap> torchvisionSsd() {
        List<List<Float>> ratios = o.floatLists("aspectRatios");
        int n = ratios.size();
        double[] scales = new double[n + 1];
        if (o.has("scales")) {
            List<Float> given = o.floats("scales");
            o.check(given.size() == n + 1, "scales", (n + 1) + " are needed");
            for (int k = 0; k <= n; k++) {
                scales[k] = given.get(k);
            }
        } else {
            double min = number("minRatio", 0.15);
            double max = number("maxRatio", 0.9);
            for (int k = 0; k < n; k++) {
                scales[k] = n > 1 ? min + (max - min) * k / (n - 1) : min;
            }
            scales[n] = n > 1 ? 1 : max;
        }
        boolean clip = o.flag("clip", true);
        int[][] grids = grids(n);
        List<Float> steps = o.has("steps") ? o.floats("steps") : null;
        List<FeatureMap> maps = new ArrayList<>();
        for (int k = 0; k < n; k++) {
            double second = Math.sqrt(scales[k] * scales[k + 1]);
            List<double[]> sizes = new ArrayList<>();
            sizes.add(relative(scales[k], scales[k], clip));
            sizes.add(relative(second, second, clip));
            for (float ratio : ratios.get(k)) {
                double root = Math.sqrt(ratio);
                sizes.add(relative(scales[k] * root, scales[k] / root, clip));
                sizes.add(relative(scales[k] / root, scales[k] * root, clip));
            }
            maps.add(map(grids[k], steps == null ? (double) width / grids[k][1] : steps.get(k),
                    steps == null ? (double) height / grids[k][0] : steps.get(k), 0.5, sizes));
        }
        return maps;
    }

    private double[] relative(double w, double h, boolean clip) {
        return new double[]{(clip ? Math.min(w, 1) : w) * width, (clip ? Math.min(h, 1) : h) * height};
    }

    /** torchvision.models.detection.anchor_utils.AnchorGenerator, as RetinaNet uses it. */
    private List<FeatureMap> torchvisionRetinaNet() {
        List<List<Float>> sizes = o.floatLists("sizes");
        List<Float> ratios = o.has("aspectRatios") ? o.floats("aspectRatios") : List.of(0.5f, 1f, 2f);
        int[][] grids = grids(sizes.size());
        List<FeatureMap> maps = new ArrayList<>();
        for (int k = 0; k < grids.length; k++) {
            List<double[]> anchors = new ArrayList<>();
            for (float ratio : ratios) {
                double h = Math.sqrt(ratio);
                for (float size : sizes.get(k)) {
                    anchors.add(new double[]{2 * Math.rint(size / h / 2), 2 * Math.rint(size * h / 2)});
                }
            }
            maps.add(map(grids[k], width / grids[k][1], height / grids[k][0], 0, anchors));
        }
        return maps;
    }

    /** TensorFlow Object Detection API, ssd_anchor_generator. */
    private List<FeatureMap> tensorflowSsd() {
        int n = o.integer("numLayers", 6);
        o.check(n >= 1 && n <= 64, "numLayers", "is not within 1..64");
        double min = number("minScale", 0.2);
        double max = number("maxScale", 0.95);
        List<Float> ratios = o.has("aspectRatios") ? o.floats("aspectRatios") : List.of(1f, 2f, 0.5f, 3f, 0.3333f);
        double interpolated = number("interpolatedScaleAspectRatio", 1);
        boolean reduce = o.flag("reduceBoxesInLowestLayer", true);
        int[][] grids = grids(n);
        List<FeatureMap> maps = new ArrayList<>();
        for (int k = 0; k < n; k++) {
            double scale = n > 1 ? min + (max - min) * k / (n - 1) : min;
            double next = k == n - 1 ? 1 : min + (max - min) * (k + 1) / (n - 1);
            List<double[]> sizes = new ArrayList<>();
            if (k == 0 && reduce) {
                sizes.add(shaped(0.1, 1));
                sizes.add(shaped(scale, 2));
                sizes.add(shaped(scale, 0.5));
            } else {
                ratios.forEach(r -> sizes.add(shaped(scale, r)));
                if (interpolated > 0) {
                    sizes.add(shaped(Math.sqrt(scale * next), interpolated));
                }
            }
            maps.add(map(grids[k], (double) width / grids[k][1], (double) height / grids[k][0], 0.5, sizes));
        }
        return maps;
    }

    private double[] shaped(double scale, double ratio) {
        double base = Math.min(width, height) * scale;
        return new double[]{base * Math.sqrt(ratio), base / Math.sqrt(ratio)};
    }

    /** TensorFlow Object Detection API, multiscale_grid_anchor_generator. */
    private List<FeatureMap> tensorflowMultiscale() {
        int from = o.integer("minLevel", 3);
        int to = o.integer("maxLevel", 7);
        o.check(from >= 0 && from <= to && to <= 12, "maxLevel", "levels " + from + " to " + to);
        double anchorScale = number("anchorScale", 4);
        int octave = o.integer("scalesPerOctave", 2);
        o.check(octave >= 1 && octave <= 16, "scalesPerOctave", "is not within 1..16");
        List<Float> ratios = o.has("aspectRatios") ? o.floats("aspectRatios") : List.of(1f, 2f, 0.5f);
        List<FeatureMap> maps = new ArrayList<>();
        for (int level = from; level <= to; level++) {
            int stride = 1 << level;
            List<double[]> sizes = new ArrayList<>();
            for (float ratio : ratios) {
                for (int s = 0; s < octave; s++) {
                    double size = anchorScale * stride * Math.pow(2, (double) s / octave);
                    sizes.add(new double[]{size * Math.sqrt(ratio), size / Math.sqrt(ratio)});
                }
            }
            boolean centred = width % stride == 0 && height % stride == 0;
            int[] grid = {(height + stride - 1) / stride, (width + stride - 1) / stride};
            maps.add(map(grid, stride, stride, centred ? 0.5 : 0, sizes));
        }
        return maps;
    }

    /** Caffe's PriorBox and OpenVINO's PriorBoxClustered; one object per map under {@code maps}. */
    private List<FeatureMap> caffe(boolean clustered) {
        List<JsonObject> given = o.objects("maps");
        List<FeatureMap> maps = new ArrayList<>();
        for (JsonObject m : given) {
            List<double[]> sizes = new ArrayList<>();
            if (clustered) {
                List<Float> widths = m.floats("widths");
                List<Float> heights = m.floats("heights");
                m.check(widths.size() == heights.size(), "heights",
                        heights.size() + " for " + widths.size() + " widths");
                for (int i = 0; i < widths.size(); i++) {
                    sizes.add(new double[]{widths.get(i), heights.get(i)});
                }
            } else {
                priors(m, sizes);
            }
            double stepX = m.has("step") ? m.number("step") : 0;
            int gridH = m.has("height") ? m.integer("height") : (int) Math.ceil(height / stepX);
            int gridW = m.has("width") ? m.integer("width") : (int) Math.ceil(width / stepX);
            maps.add(map(new int[]{gridH, gridW}, stepX > 0 ? stepX : (double) width / gridW,
                    stepX > 0 ? stepX : (double) height / gridH, m.real("offset", 0.5f), sizes));
        }
        return maps;
    }

    private static void priors(JsonObject m, List<double[]> sizes) {
        List<Float> min = m.floats("minSizes");
        List<Float> max = m.has("maxSizes") ? m.floats("maxSizes") : List.of();
        m.check(max.isEmpty() || max.size() == min.size(), "maxSizes", max.size() + " for " + min.size() + " minSizes");
        List<Double> ratios = new ArrayList<>();
        for (float r : m.has("aspectRatios") ? m.floats("aspectRatios") : List.<Float>of()) {
            if (ratios.stream().noneMatch(q -> Math.abs(q - r) < 1e-6) && Math.abs(r - 1) >= 1e-6) {
                ratios.add((double) r);
                if (m.flag("flip", true)) {
                    ratios.add(1.0 / r);
                }
            }
        }
        for (int i = 0; i < min.size(); i++) {
            double s = min.get(i);
            sizes.add(new double[]{s, s});
            if (!max.isEmpty()) {
                double both = Math.sqrt(s * max.get(i));
                sizes.add(new double[]{both, both});
            }
            for (double r : ratios) {
                sizes.add(new double[]{s * Math.sqrt(r), s / Math.sqrt(r)});
            }
        }
    }

    /** YOLOv3 and YOLOv5 grids; {@code order} says whether rows run over sites first or over anchors first. */
    private List<FeatureMap> yolo() {
        List<Float> strides = o.floats("steps");
        List<JsonObject> given = o.objects("maps");
        o.check(given.size() == strides.size(), "maps", given.size() + " for " + strides.size() + " steps");
        boolean anchorFirst = o.text("order", "site").equals("anchor");
        int[][] grids = grids(strides.size());
        List<FeatureMap> maps = new ArrayList<>();
        for (int k = 0; k < grids.length; k++) {
            List<double[]> sizes = new ArrayList<>();
            for (List<Float> a : given.get(k).floatLists("anchors")) {
                o.check(a.size() == 2, "maps", "an anchor is [width, height]");
                sizes.add(new double[]{a.get(0), a.get(1)});
            }
            if (anchorFirst) {
                for (double[] size : sizes) {
                    maps.add(map(grids[k], strides.get(k), strides.get(k), 0.5, List.of(size)));
                }
            } else {
                maps.add(map(grids[k], strides.get(k), strides.get(k), 0.5, sizes));
            }
        }
        return maps;
    }
}
