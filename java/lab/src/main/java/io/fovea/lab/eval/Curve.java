package io.fovea.lab.eval;

/**
 * Precision at COCO's 101 recall points.
 *
 * @param precision largest precision at that recall or beyond; 0 where the recall is not reached
 * @param reached recall of all detections
 */
record Curve(double[] precision, double reached) {

    /**
     * Makes the curve.
     *
     * @param flags detections, best first: bit t = matched, bit 16 + t = ignored
     * @param t IoU threshold's index
     * @param positives objects that count, at least 1
     */
    static Curve of(int[] flags, int t, int positives) {
        double[] recall = new double[flags.length];
        double[] precise = new double[flags.length];
        int n = 0;
        int right = 0;
        int wrong = 0;
        for (int f : flags) {
            if ((f >> 16 + t & 1) == 0) {
                if ((f >> t & 1) == 1) {
                    right++;
                } else {
                    wrong++;
                }
            }
            recall[n] = (double) right / positives;
            precise[n] = right / (wrong + right + CocoParams.EPS);
            n++;
        }
        for (int i = n - 1; i > 0; i--) {
            precise[i - 1] = Math.max(precise[i - 1], precise[i]);
        }
        double[] at = new double[CocoParams.RECALL.length];
        int i = 0;
        for (int r = 0; r < at.length; r++) {
            while (i < n && recall[i] < CocoParams.RECALL[r]) {
                i++;
            }
            if (i == n) {
                break;
            }
            at[r] = precise[i];
        }
        return new Curve(at, n == 0 ? 0 : recall[n - 1]);
    }
}
