/** Photos: decoding, orientation, resizing to a net's input, drawing. */
package io.fovea.image;
