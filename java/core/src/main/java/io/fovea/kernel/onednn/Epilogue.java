package io.fovea.kernel.onednn;

import io.fovea.kernel.Layer;

/**
 * What follows the sum and its bias: the residual, then a clamp.
 *
 * @param residual whether and how the residual is added
 * @param low lower bound, negative infinity for none
 * @param high upper bound, positive infinity for none
 */
record Epilogue(Residual residual, float low, float high) {

    /** How a residual is added. */
    enum Residual {
        /** There is none. */
        NONE,
        /** Read from a tensor of its own, with the shape of the result. */
        ADD,
        /** The result's buffer holds it already: the only way when the number of rows is not known beforehand. */
        IN_PLACE
    }

    static Epilogue of(Layer.Conv layer, Residual residual) {
        return new Epilogue(layer.residual() ? residual : Residual.NONE, layer.activation().low(),
                layer.activation().high());
    }

    /**
     * Makes attributes for it; the caller owns them.
     *
     * @param dst descriptor of the result
     */
    long attributes(long dst) {
        long ops = Dnnl.postOps();
        try {
            switch (residual) {
                case ADD -> Dnnl.appendAdd(ops, dst);
                case IN_PLACE -> Dnnl.appendSum(ops);
                case NONE -> {
                }
            }
            boolean below = low != Float.NEGATIVE_INFINITY;
            boolean above = high != Float.POSITIVE_INFINITY;
            if (low == 0 && !above) {
                Dnnl.appendEltwise(ops, Dnnl.ELTWISE_RELU, 0, 0);
            } else if (below || above) {
                Dnnl.appendEltwise(ops, Dnnl.ELTWISE_CLIP, below ? low : -Float.MAX_VALUE,
                        above ? high : Float.MAX_VALUE);
            }
            return Dnnl.attributes(ops);
        } finally {
            Dnnl.destroyPostOps(ops);
        }
    }
}
