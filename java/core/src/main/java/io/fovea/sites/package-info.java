/**
 * Which positions of a feature map are computed: {@link io.fovea.sites.Mask} over the input, {@link io.fovea.sites.SiteSet} per
 * resolution, {@link io.fovea.sites.NeighbourTable} per window. Activations are packed: one row of channels per active site.
 */
package io.fovea.sites;
