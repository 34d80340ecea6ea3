package io.fovea.lab.eval;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * COCO's twelve figures, each in [0, 1], or -1 where there is nothing to judge (no object of that size).
 *
 * @param ap AP averaged over IoU .50:.05:.95
 * @param ap50 AP at IoU .50
 * @param ap75 AP at IoU .75
 * @param apSmall AP of objects up to 32 x 32 pixels of area
 * @param apMedium AP of objects from 32 x 32 to 96 x 96
 * @param apLarge AP of objects from 96 x 96
 * @param ar1 average recall with one detection per category and photo
 * @param ar10 average recall with ten
 * @param ar100 average recall with a hundred
 * @param arSmall average recall (100) of small objects
 * @param arMedium of medium ones
 * @param arLarge of large ones
 * @param apPerCategory AP by category id, of the categories that have objects
 * @param images photos judged
 */
public record CocoFigures(double ap, double ap50, double ap75, double apSmall, double apMedium, double apLarge,
        double ar1, double ar10, double ar100, double arSmall, double arMedium, double arLarge,
        SortedMap<Integer, Double> apPerCategory, int images) {
    public CocoFigures {
        apPerCategory = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(apPerCategory));
    }

    /** Returns the twelve figures by their usual names, in their usual order. */
    public Map<String, Double> byName() {
        Map<String, Double> map = new LinkedHashMap<>();
        map.put("AP", ap);
        map.put("AP50", ap50);
        map.put("AP75", ap75);
        map.put("APsmall", apSmall);
        map.put("APmedium", apMedium);
        map.put("APlarge", apLarge);
        map.put("AR1", ar1);
        map.put("AR10", ar10);
        map.put("AR100", ar100);
        map.put("ARsmall", arSmall);
        map.put("ARmedium", arMedium);
        map.put("ARlarge", arLarge);
        return map;
    }
}
