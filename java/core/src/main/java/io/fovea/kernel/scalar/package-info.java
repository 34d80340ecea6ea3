/** The oracle: every layer in plain loops with double accumulators. Slow, readable, and right. */
package io.fovea.kernel.scalar;
