/** Video files through FFmpeg's libraries (avformat, avcodec, swscale). */
package io.fovea.video;
