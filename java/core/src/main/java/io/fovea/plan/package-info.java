/**
 * From a graph to an ordered list of steps: domains of sites, neighbour tables, buffers shared by lifetime, a kernel for each step,
 * and the books of arithmetic.
 */
package io.fovea.plan;
