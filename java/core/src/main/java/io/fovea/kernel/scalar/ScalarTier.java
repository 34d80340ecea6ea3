package io.fovea.kernel.scalar;

import io.fovea.kernel.KernelTier;
import io.fovea.kernel.Layer;
import io.fovea.kernel.RowBlend;
import io.fovea.kernel.RowKernel;
import java.lang.foreign.Arena;
import java.util.Optional;

/** Plain Java, double accumulators. Has a kernel for every layer but the fused block, which the planner never needs. */
public final class ScalarTier implements KernelTier {

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public Optional<RowKernel> prepare(Layer layer, Arena arena) {
        return switch (layer) {
            case Layer.Conv conv -> Optional.of(new ScalarConv(conv));
            case Layer.Block block -> Optional.empty();
            case Layer.Add add -> Optional.of(new ScalarAdd(add));
            case Layer.Activate activate -> Optional.of(new ScalarActivate(activate));
            case Layer.Affine affine -> Optional.of(new ScalarAffine(affine));
            case Layer.CopyColumns copy -> Optional.of(new ScalarCopyColumns(copy));
            case Layer.PRelu prelu -> Optional.of(new ScalarPRelu(prelu));
            case Layer.Softmax softmax -> Optional.of(new ScalarSoftmax(softmax));
            case Layer.Binary binary -> Optional.of(new ScalarBinary(binary));
            case Layer.Reduce reduce -> Optional.of(new ScalarReduce(reduce));
            case Layer.SelectColumns select -> Optional.of(new ScalarSelect(select));
            case Layer.Sample sample -> Optional.of(new ScalarSample(sample));
            case Layer.Pool pool -> Optional.of(new ScalarPool(pool));
        };
    }

    @Override
    public Optional<RowBlend> blend() {
        return Optional.of(new ScalarBlend());
    }
}
