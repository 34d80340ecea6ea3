/** Average precision as COCO and PASCAL VOC define it, reports and plots. */
package io.fovea.lab.eval;
