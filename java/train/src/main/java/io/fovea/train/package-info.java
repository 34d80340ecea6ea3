/** Training: graphs as differentiable functions, gates learnt from plain photos. */
package io.fovea.train;
