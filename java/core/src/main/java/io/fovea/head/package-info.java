/** From raw head rows to boxes: anchors, score filter, box decoding, non-maximum suppression. No objects per box. */
package io.fovea.head;
