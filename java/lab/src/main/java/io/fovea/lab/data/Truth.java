package io.fovea.lab.data;

/**
 * One annotated object. The box is in pixels of the photo, x and y its top left corner.
 *
 * @param id the annotation's number
 * @param category id of its {@link Category}
 * @param x left edge
 * @param y top edge
 * @param width extent to the right
 * @param height extent downwards
 * @param area area by which COCO sorts objects into small, medium and large (the segment's, not the box's)
 * @param crowd COCO's iscrowd: a region of many objects; detections inside it count neither for nor against
 * @param difficult PASCAL VOC's flag: neither finding nor missing it counts
 */
public record Truth(long id, int category, double x, double y, double width, double height, double area, boolean crowd,
        boolean difficult) {}
