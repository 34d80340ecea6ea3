package io.fovea.image;

/** The oracle, pixel by pixel. */
final class ScalarRows implements RowConverter {

    @Override
    public void yuv(byte[] y, byte[] u, byte[] v, int width, byte[] rgb, int at, Yuv yuv) {
        for (int x = 0; x < width; x++) {
            yuv.pixel(y[x] & 0xFF, u[x / 2] & 0xFF, v[x / 2] & 0xFF, rgb, at + 3 * x);
        }
    }
}
