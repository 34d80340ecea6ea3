/**
 * The arithmetic. {@link io.fovea.kernel.Layer} says what one step computes, a {@link io.fovea.kernel.KernelTier} prepares a
 * {@link io.fovea.kernel.RowKernel} for it, {@link io.fovea.kernel.Operands} carry one call's buffers. Tiers: scalar (the readable
 * oracle), vector (Vector API), cpp (the compiled library), onednn.
 */
package io.fovea.kernel;
