package io.fovea.video;

import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_q2d;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCachedContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import io.fovea.frame.Frame;
import io.fovea.frame.FrameSource;
import io.fovea.image.Image;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/** The pictures of a file's best video stream. A damaged packet is skipped; a file that ends early ends the stream. */
final class VideoReader implements FrameSource {
    private final Path file;
    private AVFormatContext format;
    private AVCodecContext codec;
    private final int stream;
    private final double timeBase;
    private final double rate;
    private final long count;
    private final AVPacket packet = av_packet_alloc();
    private final AVFrame frame = av_frame_alloc();
    private SwsContext scaler;
    private long index;
    private double firstSeconds = Double.NaN;
    private double lastSeconds;
    private boolean draining;
    private volatile boolean closed;

    VideoReader(Path file) {
        this.file = file;
        try {
            format = avformat_alloc_context();
            Ffmpeg.check(avformat_open_input(format, file.toString(), null, (AVDictionary) null), file,
                    "is no video that can be read");
            Ffmpeg.check(avformat_find_stream_info(format, (AVDictionary) null), file, "holds no video");
            stream = Ffmpeg.check(av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0), file,
                    "holds no video");
            AVStream chosen = format.streams(stream);
            timeBase = av_q2d(chosen.time_base());
            double average = chosen.avg_frame_rate().den() == 0 ? 0 : av_q2d(chosen.avg_frame_rate());
            rate = Double.isFinite(average) && average > 0 ? average : 0;
            count = chosen.nb_frames() > 0 ? chosen.nb_frames() : -1;
            AVCodec decoder = Ffmpeg.check(avcodec_find_decoder(chosen.codecpar().codec_id()), file,
                    "has a video codec without a decoder here");
            codec = avcodec_alloc_context3(decoder);
            Ffmpeg.check(avcodec_parameters_to_context(codec, chosen.codecpar()), file, "has a damaged header");
            codec.thread_count(1);
            Ffmpeg.check(avcodec_open2(codec, decoder, (AVDictionary) null), file, "cannot be decoded");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public double framesPerSecond() {
        return rate;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public synchronized Frame next() {
        while (!closed) {
            int status = avcodec_receive_frame(codec, frame);
            if (status == AVERROR_EOF()) {
                return null;
            }
            if (status >= 0) {
                return new Frame(picture(), index++, seconds());
            }
            if (status != AVERROR_EAGAIN() && draining) {
                return null;
            }
            feed();
        }
        return null;
    }

    /** Gives the decoder the stream's next packet, or its end. */
    private void feed() {
        while (true) {
            if (av_read_frame(format, packet) < 0) {
                draining = true;
                avcodec_send_packet(codec, null);
                return;
            }
            boolean ours = packet.stream_index() == stream;
            if (ours) {
                // What cannot be decoded is left out, as players do.
                avcodec_send_packet(codec, packet);
            }
            av_packet_unref(packet);
            if (ours) {
                return;
            }
        }
    }

    private Image picture() {
        int width = frame.width();
        int height = frame.height();
        scaler = sws_getCachedContext(scaler, width, height, frame.format(), width, height, AV_PIX_FMT_RGB24,
                SWS_BILINEAR, null, null, (DoublePointer) null);
        Ffmpeg.check(scaler, file, "has pixels of a kind that cannot be turned into RGB");
        byte[] rgb = new byte[Math.multiplyExact(3 * width, height)];
        try (BytePointer target = new BytePointer(rgb.length + 64L);
                PointerPointer<BytePointer> planes = new PointerPointer<>(target, null, null, null);
                IntPointer strides = new IntPointer(3 * width, 0, 0, 0)) {
            Ffmpeg.check(sws_scale(scaler, frame.data(), frame.linesize(), 0, height, planes, strides), file,
                    "has pixels that cannot be turned into RGB");
            target.get(rgb);
        }
        return Image.ofRgb(rgb, width, height, 3 * width);
    }

    /** Returns the time of the frame just decoded; one without a time comes a usual interval after the one before. */
    private double seconds() {
        long time = frame.best_effort_timestamp();
        double interval = rate > 0 ? 1 / rate : 0;
        if (time == AV_NOPTS_VALUE) {
            lastSeconds += index == 1 ? 0 : interval;
            return lastSeconds;
        }
        double at = time * timeBase;
        if (Double.isNaN(firstSeconds)) {
            firstSeconds = at;
        }
        lastSeconds = at - firstSeconds;
        return lastSeconds;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (scaler != null) {
            sws_freeContext(scaler);
        }
        av_frame_free(frame);
        av_packet_free(packet);
        if (codec != null) {
            avcodec_free_context(codec);
        }
        if (format != null && !format.isNull()) {
            avformat_close_input(format);
        }
    }
}
