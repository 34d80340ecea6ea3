/** All that an embedder needs: {@link io.fovea.Detector}, {@link io.fovea.Detection}, {@link io.fovea.DetectorOptions}. */
package io.fovea;
