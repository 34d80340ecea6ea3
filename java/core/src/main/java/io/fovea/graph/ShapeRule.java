package io.fovea.graph;

import java.util.List;

/** The shape rule of every operator. */
final class ShapeRule {
    private ShapeRule() {
    }

    static Shape infer(Op op, List<Shape> in) {
        return switch (op) {
            case Op.Conv conv -> conv(conv, in);
            case Op.Affine affine -> {
                Shape x = only(in);
                need(affine.scale().length == x.channels() && affine.shift().length == x.channels(),
                        "scale and shift have " + affine.scale().length + " and " + affine.shift().length
                                + " values for " + x.channels() + " channels");
                yield x;
            }
            case Op.Activate activate -> only(in);
            case Op.PRelu prelu -> {
                Shape x = only(in);
                need(prelu.slope().length == x.channels(),
                        prelu.slope().length + " slopes for " + x.channels() + " channels");
                yield x;
            }
            case Op.Softmax softmax -> {
                Shape x = only(in);
                need(softmax.width() > 0 && x.channels() % softmax.width() == 0,
                        x.channels() + " channels are no multiple of the group width " + softmax.width());
                yield x;
            }
            case Op.Binary binary -> {
                need(in.size() == 2, "takes two inputs, has " + in.size());
                need(fits(in.get(0), in.get(1)), "input " + in.get(1) + " cannot be repeated to " + in.get(0));
                yield in.get(0);
            }
            case Op.Reduce reduce -> new Shape(only(in).height(), only(in).width(), 1);
            case Op.SelectChannels select -> {
                Shape x = only(in);
                for (int c : select.channels()) {
                    need(c >= 0 && c < x.channels(), "channel " + c + " of " + x.channels() + " is selected");
                }
                yield new Shape(x.height(), x.width(), select.channels().length);
            }
            case Op.Add add -> {
                need(in.size() == 2, "takes two inputs, has " + in.size());
                need(in.get(0).equals(in.get(1)), "inputs " + in.get(0) + " and " + in.get(1) + " differ");
                yield in.get(0);
            }
            case Op.Concat concat -> concat(in);
            case Op.MaxPool pool -> pooled(pool.window(), only(in));
            case Op.AveragePool pool -> pooled(pool.window(), only(in));
            case Op.GlobalAverage average -> new Shape(1, 1, only(in).channels());
            case Op.Sampled sampled -> {
                Shape x = only(in);
                Sampling reach = sampled.sampling(x.height(), x.width());
                yield new Shape(reach.outHeight(x.height()), reach.outWidth(x.width()), x.channels());
            }
            case Op.HeadRows rows -> {
                Shape x = only(in);
                need(rows.width() > 0 && x.channels() % rows.width() == 0,
                        x.channels() + " channels are no multiple of the row width " + rows.width());
                yield new Shape(x.values() / rows.width(), 1, rows.width());
            }
            case Op.JoinRows join -> join(in);
        };
    }

    private static Shape conv(Op.Conv conv, List<Shape> in) {
        need(in.size() == 1 || in.size() == 2, "takes one input and an optional residual, has " + in.size());
        Shape x = in.get(0);
        int groups = conv.groups();
        need(groups >= 1 && x.channels() % groups == 0 && conv.outChannels() % groups == 0,
                groups + " groups do not divide " + x.channels() + " input and " + conv.outChannels()
                        + " output channels");
        long weights = (long) conv.outChannels() * (x.channels() / groups) * conv.window().taps();
        need(conv.weights().length == weights,
                "has " + conv.weights().length + " weights where " + weights + " are needed for input " + x);
        need(conv.bias().length == conv.outChannels(),
                "has " + conv.bias().length + " biases for " + conv.outChannels() + " channels");
        Shape out = windowed(conv.window(), x, conv.outChannels());
        need(in.size() == 1 || in.get(1).equals(out), "residual " + in.getLast() + " differs from output " + out);
        return out;
    }

    /** Returns whether {@code b} is of a's shape, or one site or one channel that is repeated over it. */
    private static boolean fits(Shape a, Shape b) {
        return (b.sites() == 1 || b.height() == a.height() && b.width() == a.width())
                && (b.channels() == 1 || b.channels() == a.channels());
    }

    private static Shape pooled(Window window, Shape x) {
        int reachH = (window.kernelH() - 1) * window.dilationH() + 1;
        int reachW = (window.kernelW() - 1) * window.dilationW() + 1;
        need(window.padTop() < reachH && window.padBottom() < reachH && window.padLeft() < reachW
                && window.padRight() < reachW, "padding is not smaller than the kernel");
        return windowed(window, x, x.channels());
    }

    private static Shape windowed(Window window, Shape x, int channels) {
        int h = window.outHeight(x.height());
        int w = window.outWidth(x.width());
        need(h >= 1 && w >= 1, "window does not fit input " + x);
        return new Shape(h, w, channels);
    }

    private static Shape concat(List<Shape> in) {
        need(!in.isEmpty(), "has no input");
        long channels = 0;
        for (Shape s : in) {
            need(s.height() == in.get(0).height() && s.width() == in.get(0).width(),
                    "inputs " + in.get(0) + " and " + s + " differ in size");
            channels += s.channels();
        }
        need(channels <= Shape.MAX_VALUES, "too many channels");
        return new Shape(in.get(0).height(), in.get(0).width(), (int) channels);
    }

    private static Shape join(List<Shape> in) {
        need(!in.isEmpty(), "has no input");
        long rows = 0;
        for (Shape s : in) {
            need(s.width() == 1 && s.channels() == in.get(0).channels(),
                    "inputs " + in.get(0) + " and " + s + " are not rows of one width");
            rows += s.height();
        }
        need(rows <= Shape.MAX_VALUES, "too many rows");
        return new Shape((int) rows, 1, in.get(0).channels());
    }

    private static Shape only(List<Shape> in) {
        need(in.size() == 1, "takes one input, has " + in.size());
        return in.get(0);
    }

    private static void need(boolean condition, String message) {
        if (!condition) {
            throw new GraphException(message);
        }
    }
}
