package io.fovea.train.gate;

import java.util.Random;

/** First weights of a net that learns from nothing: He's initialisation (He et al., Delving Deep into Rectifiers, 2015). Used by one thread. */
final class FirstWeights {
    private final Random random;

    FirstWeights(long seed) {
        random = new Random(seed);
    }

    /**
     * Returns weights of a convolution behind a rectifier.
     *
     * @param count how many
     * @param fanIn how many of them each output reads
     */
    float[] gaussian(int count, int fanIn) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / fanIn));
        }
        return values;
    }
}
