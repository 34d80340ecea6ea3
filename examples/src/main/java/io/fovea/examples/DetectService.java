package io.fovea.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fovea.Detection;
import io.fovea.DetectionResult;
import io.fovea.Detector;
import io.fovea.DetectorOptions;
import io.fovea.gate.TrainedGate;
import io.fovea.image.Image;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Executors;

/**
 * Detects objects in photos that are posted: {@code java ... DetectService m.onnx 8080}, then
 * {@code curl --data-binary @street.jpg localhost:8080/detect}. One detector serves all requests; its gate, if the model carries one
 * or one lies beside it, keeps empty places from being computed.
 */
public final class DetectService {
    private static final int LARGEST = 20 << 20;

    private DetectService() {
    }

    /**
     * Runs the service until the process ends.
     *
     * @param args a model file and a port; port 0 takes a free one
     */
    public static void main(String[] args) throws IOException {
        start(Path.of(args[0]), Integer.parseInt(args[1]));
    }

    /**
     * Starts the service.
     *
     * @param model a model file
     * @param port port of the local machine, 0 for a free one
     */
    static HttpServer start(Path model, int port) throws IOException {
        DetectorOptions options = DetectorOptions.builder().scoreThreshold(.4f).trainedGate(TrainedGate.CARRIED)
                .build();
        Detector detector = Detector.open(model, options);
        HttpServer server = HttpServer.create(new InetSocketAddress("localhost", port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/detect", exchange -> answer(exchange, detector));
        server.start();
        System.out.println("listening on port " + server.getAddress().getPort());
        return server;
    }

    private static void answer(HttpExchange exchange, Detector detector) throws IOException {
        try (exchange) {
            byte[] photo = exchange.getRequestBody().readNBytes(LARGEST);
            String text;
            int code = 200;
            try {
                text = json(detector.run(Image.read(photo, "the posted photo")));
            } catch (RuntimeException e) {
                code = 400;
                text = e.getMessage() + "\n";
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String json(DetectionResult result) {
        StringBuilder text = new StringBuilder();
        for (Detection d : result.detections()) {
            text.append(String.format(Locale.ROOT,
                    "{\"label\": \"%s\", \"score\": %.3f, \"x\": %.1f, \"y\": %.1f, \"width\": %.1f, \"height\": %.1f}%n",
                    d.label(), d.score(), d.box().x(), d.box().y(), d.box().width(), d.box().height()));
        }
        return text.append(String.format(Locale.ROOT, "{\"executedShare\": %.3f, \"netMillis\": %.2f}%n",
                result.work().executedShare(), result.timings().netMillis())).toString();
    }
}
