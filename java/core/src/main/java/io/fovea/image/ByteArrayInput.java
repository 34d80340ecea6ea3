package io.fovea.image;

import javax.imageio.stream.ImageInputStreamImpl;

/** An ImageIO stream over bytes in memory: no copy, no cache file. */
final class ByteArrayInput extends ImageInputStreamImpl {
    private final byte[] data;

    ByteArrayInput(byte[] data) {
        this.data = data;
    }

    @Override
    public int read() {
        bitOffset = 0;
        return streamPos < data.length ? data[(int) streamPos++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        int n = (int) Math.min(length, data.length - streamPos);
        if (n <= 0) {
            return -1;
        }
        System.arraycopy(data, (int) streamPos, target, offset, n);
        streamPos += n;
        return n;
    }

    @Override
    public long length() {
        return data.length;
    }

    @Override
    public boolean isCached() {
        return true;
    }

    @Override
    public boolean isCachedMemory() {
        return true;
    }
}
