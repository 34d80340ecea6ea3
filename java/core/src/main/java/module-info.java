/** Fovea: runs anchor-based object detectors and spends arithmetic only where an object can be. */
module io.fovea {
    requires transitive java.desktop;
    requires static jdk.incubator.vector;
    requires com.fasterxml.jackson.databind;
    requires metadata.extractor;
    requires org.tribuo.util.onnx;
    requires com.google.protobuf;

    exports io.fovea;
    exports io.fovea.frame;
    exports io.fovea.gate;
    exports io.fovea.graph;
    exports io.fovea.format;
    exports io.fovea.image;
    exports io.fovea.kernel;
    exports io.fovea.sites;
    exports io.fovea.plan;
    exports io.fovea.run;
    exports io.fovea.head;
    exports io.fovea.zoo;

    uses io.fovea.frame.FrameFormat;

    opens io.fovea.run to com.fasterxml.jackson.databind;
}
