/** Plain Java kernels, shared by the fast tiers, for layers that only move or combine rows. */
package io.fovea.kernel.plain;
