/** Streams of pictures: folders of them here, video files through a {@link io.fovea.frame.FrameFormat} of another module. */
package io.fovea.frame;
