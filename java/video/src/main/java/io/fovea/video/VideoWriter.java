package io.fovea.video;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MPEG4;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_GLOBALHEADER;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR0;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_make_q;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import io.fovea.frame.FrameSink;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/** Writes a video file: H.264 where the libraries have an encoder for it, else MPEG-4 part 2. Odd sizes lose their last row or column. */
final class VideoWriter implements FrameSink {
    private static final int TICKS = 90_000;
    private final Path file;
    private final int width;
    private final int height;
    private AVFormatContext format;
    private AVCodecContext codec;
    private final AVStream stream;
    private final AVFrame frame = av_frame_alloc();
    private final AVPacket packet = av_packet_alloc();
    private SwsContext scaler;
    private final long interval;
    private long lastTick = -1;
    private boolean open;
    private boolean closed;

    VideoWriter(Path file, int width, int height, double framesPerSecond) {
        this.file = file;
        this.width = width - width % 2;
        this.height = height - height % 2;
        try {
            if (this.width < 2 || this.height < 2) {
                throw Ffmpeg.failure(file, "pictures of " + width + "x" + height + " are too small for a video");
            }
            format = new AVFormatContext(null);
            Ffmpeg.check(avformat_alloc_output_context2(format, null, (String) null, file.toString()), file,
                    "its ending names no video format");
            stream = avformat_new_stream(format, null);
            codec = encoder(framesPerSecond);
            interval = Math.max(1, Math.round(codec.time_base().den() / (framesPerSecond * codec.time_base().num())));
            stream.time_base(av_make_q(1, TICKS));
            Ffmpeg.check(avcodec_parameters_from_context(stream.codecpar(), codec), file, "cannot be encoded");
            AVIOContext io = new AVIOContext(null);
            Ffmpeg.check(avio_open(io, file.toString(), AVIO_FLAG_WRITE), file, "cannot be written");
            format.pb(io);
            Ffmpeg.check(avformat_write_header(format, (AVDictionary) null), file, "cannot be written");
            open = true;
            frame.format(AV_PIX_FMT_YUV420P);
            frame.width(this.width);
            frame.height(this.height);
            Ffmpeg.check(av_frame_get_buffer(frame, 0), file, "no memory for a picture");
            scaler = Ffmpeg.check(sws_getContext(this.width, this.height, AV_PIX_FMT_BGR0, this.width, this.height,
                    AV_PIX_FMT_YUV420P, SWS_BILINEAR, null, null, (DoublePointer) null), file,
                    "pixels cannot be converted");
        } catch (RuntimeException e) {
            free();
            throw e;
        }
    }

    private AVCodecContext encoder(double framesPerSecond) {
        for (int id : new int[]{AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4}) {
            AVCodec encoder = avcodec_find_encoder(id);
            if (encoder == null) {
                continue;
            }
            AVCodecContext context = avcodec_alloc_context3(encoder);
            context.width(width);
            context.height(height);
            context.pix_fmt(AV_PIX_FMT_YUV420P);
            context.time_base(av_make_q(1, id == AV_CODEC_ID_H264 ? TICKS : TICKS / 10));
            AVRational rate = av_make_q((int) Math.round(framesPerSecond * 1000), 1000);
            context.framerate(rate);
            context.bit_rate(Math.round(0.15 * width * height * Math.min(60, framesPerSecond)));
            context.gop_size(30);
            context.max_b_frames(0);
            if ((format.oformat().flags() & AVFMT_GLOBALHEADER) != 0) {
                context.flags(context.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
            }
            if (avcodec_open2(context, encoder, (AVDictionary) null) >= 0) {
                return context;
            }
            avcodec_free_context(context);
        }
        throw Ffmpeg.failure(file, "the FFmpeg libraries here have no encoder for it");
    }

    @Override
    public void write(BufferedImage picture, long index, double seconds) {
        if (closed) {
            throw Ffmpeg.failure(file, "is closed");
        }
        if (picture.getWidth() < width || picture.getHeight() < height
                || picture.getType() != BufferedImage.TYPE_INT_RGB) {
            throw Ffmpeg.failure(file, "picture of " + picture.getWidth() + "x" + picture.getHeight()
                    + " in a video of " + width + "x" + height);
        }
        Ffmpeg.check(av_frame_make_writable(frame), file, "no memory for a picture");
        int[] pixels = ((DataBufferInt) picture.getRaster().getDataBuffer()).getData();
        try (IntPointer source = new IntPointer(pixels);
                PointerPointer<IntPointer> planes = new PointerPointer<>(source, null, null, null);
                IntPointer strides = new IntPointer(4 * picture.getWidth(), 0, 0, 0)) {
            Ffmpeg.check(sws_scale(scaler, planes, strides, 0, height, frame.data(), frame.linesize()), file,
                    "pixels cannot be converted");
        }
        double base = (double) codec.time_base().num() / codec.time_base().den();
        lastTick = Math.max(lastTick + 1, Math.round(seconds / base));
        frame.pts(lastTick);
        encode(frame);
    }

    private void encode(AVFrame next) {
        Ffmpeg.check(avcodec_send_frame(codec, next), file, "a picture cannot be encoded");
        while (avcodec_receive_packet(codec, packet) >= 0) {
            packet.stream_index(stream.index());
            // MP4 drops a last picture that has no duration.
            packet.duration(interval);
            av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
            Ffmpeg.check(av_interleaved_write_frame(format, packet), file, "cannot be written");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            encode(null);
            Ffmpeg.check(av_write_trailer(format), file, "cannot be completed");
        } finally {
            free();
        }
    }

    private void free() {
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
            if (format.pb() != null) {
                avio_closep(format.pb());
            }
            avformat_free_context(format);
        }
    }
}
