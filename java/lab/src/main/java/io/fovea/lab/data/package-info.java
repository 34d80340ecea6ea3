/** Data sets of photos with boxes (COCO JSON, PASCAL VOC XML) and files of detections, read as streams. */
package io.fovea.lab.data;
