package io.fovea.kernel;

/** Multiply-accumulates that a layer issues for given numbers of rows: the books' executed MACs. */
public final class Macs {
    private Macs() {
    }

    /**
     * Returns the MACs of one call.
     *
     * @param layer what is computed
     * @param inRows packed input rows (a fused block expands each of them once)
     * @param outRows packed output rows
     */
    public static long of(Layer layer, long inRows, long outRows) {
        return switch (layer) {
            case Layer.Conv conv -> outRows * conv.macsPerSite();
            case Layer.Block block -> (block.expand() == null ? 0 : inRows * block.expand().macsPerSite())
                    + outRows * (block.depthwise().macsPerSite() + block.project().macsPerSite());
            default -> 0;
        };
    }

    /** Returns the number of weights that one call reads, however few rows there are; 0 for layers without. */
    public static long weights(Layer layer) {
        return switch (layer) {
            case Layer.Conv conv -> conv.weights().length;
            case Layer.Block block -> (block.expand() == null ? 0 : block.expand().weights().length)
                    + block.depthwise().weights().length + block.project().weights().length;
            default -> 0;
        };
    }
}
