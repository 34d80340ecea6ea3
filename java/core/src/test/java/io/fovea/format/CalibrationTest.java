package io.fovea.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.format.Calibration.HeadUnit;
import io.fovea.graph.Graphs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationTest {
    @TempDir
    Path folder;

    private static float any(Random r) {
        float f = Float.intBitsToFloat(r.nextInt());
        return Float.isFinite(f) ? f : r.nextFloat();
    }

    private static float[] row(Random r, int length) {
        float[] row = new float[length];
        for (int i = 0; i < length; i++) {
            row[i] = any(r);
        }
        return row;
    }

    private static void assertSameBits(Calibration wanted, Calibration found, String context) {
        assertEquals(wanted.means().keySet(), found.means().keySet(), context);
        wanted.means().forEach((value, row) -> assertArrayEquals(bits(row), bits(found.means().get(value)), context));
        assertEquals(wanted.headGate().size(), found.headGate().size(), context);
        for (int i = 0; i < wanted.headGate().size(); i++) {
            HeadUnit a = wanted.headGate().get(i);
            HeadUnit b = found.headGate().get(i);
            assertEquals(a.input(), b.input(), context);
            assertArrayEquals(bits(a.weights()), bits(b.weights()), context);
            assertArrayEquals(bits(a.bias(), a.threshold()), bits(b.bias(), b.threshold()), context);
        }
    }

    private static int[] bits(float... row) {
        int[] bits = new int[row.length];
        for (int i = 0; i < row.length; i++) {
            bits[i] = Float.floatToRawIntBits(row[i]);
        }
        return bits;
    }

    @Property(seed = Seeds.BUILD, tries = 200)
    void whatIsWrittenIsReadBackBitForBit(@ForAll long seed) {
        Random r = new Random(seed);
        Map<String, float[]> means = new HashMap<>();
        for (int i = 0; i < r.nextInt(4); i++) {
            means.put("value \"" + (char) (r.nextInt(0x3000) + 32) + i, row(r, 1 + r.nextInt(9)));
        }
        List<HeadUnit> units = new ArrayList<>();
        for (int i = 0; i < r.nextInt(4); i++) {
            units.add(new HeadUnit("in/" + i, row(r, 1 + r.nextInt(9)), any(r), any(r)));
        }
        Calibration wanted = new Calibration(means, units);
        assertSameBits(wanted, CalibrationJson.read(CalibrationJson.write(wanted)), "seed " + seed);
    }

    private static Model calibrated() {
        float[] five = {1, -2, .1f, Float.MIN_VALUE, 3e30f};
        return Specs.tiny()
                .with(new Calibration(Map.of("x", five), List.of(new HeadUnit("x", five, .3f, -Float.MAX_VALUE))));
    }

    @Test
    void itTravelsInTheModelFile() throws IOException {
        Path file = folder.resolve("m.onnx");
        OnnxWriter.write(calibrated(), file);
        assertSameBits(calibrated().calibration(), OnnxReader.read(file).calibration(), "written");
        OnnxWriter.write(Specs.tiny(), file);
        assertTrue(OnnxReader.read(file).calibration().isEmpty());
        assertSame(Calibration.NONE, OnnxReader.read(file).calibration());
    }

    /** The file of another writer keeps its nodes; a spec beside it moves into it. */
    @Test
    void annotatingChangesOnlyTheMetadata() throws IOException {
        Path source = folder.resolve("foreign.onnx");
        OnnxWriter.write(Specs.tiny().graph(), source);
        Files.writeString(folder.resolve("foreign.json"), SpecJson.write(Specs.tiny().spec()));
        Path target = folder.resolve("target.onnx");
        OnnxWriter.annotate(source, OnnxReader.read(source).with(calibrated().calibration()), target);
        Model found = OnnxReader.read(target);
        assertEquals(Specs.tiny().spec(), found.spec());
        assertSameBits(calibrated().calibration(), found.calibration(), "annotated");
        Graphs.assertSame(Specs.tiny().graph(), found.graph(), "annotated");
        byte[] once = Files.readAllBytes(target);
        OnnxWriter.annotate(target, found, target);
        assertArrayEquals(once, Files.readAllBytes(target), "annotated in place");
        OnnxWriter.annotate(target, found.with(Calibration.NONE), target);
        assertTrue(OnnxReader.read(target).calibration().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{\"version\":1     | {\"version\":        | calibration: no valid JSON",
            "\"version\":1     | \"version\":2     | calibration.version: 2 is not known",
            "\"means\"         | \"mean\"          | calibration.means: a JSON object is needed",
            "\"headGate\"      | \"gate\"          | calibration.headGate: a list is needed",
            "\"bias\":0.3      | \"bias\":\"a\"    | calibration.headGate[0].bias: a number is needed",
            "\"threshold\"     | \"limit\"         | calibration.headGate[0].threshold: is missing",
            "\"x\":\"AACAPw    | \"x\":\"%ACAPw    | calibration.means.x: is not base64",
            "\"weights\":\"AACA | \"weights\":\"AACAAACA | calibration.headGate[0].weights: 23 bytes are no row",
            "\"x\":\"AACAP     | \"x\":\"AACAf     | calibration.means.x: holds a number that is not finite"})
    void wrongTextIsNamedByItsPlace(String from, String to, String message) {
        String text = CalibrationJson.write(calibrated().calibration()).replace(from, to);
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> CalibrationJson.read(text), text);
        assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }

    @Test
    void aCalibrationThatDoesNotFitIsRefused() {
        float[] five = new float[5];
        refused(new Calibration(Map.of("y", five), List.of()), "mean of 'y' has 5 channels, and the net has no such");
        refused(new Calibration(Map.of("x", new float[4]), List.of()), "has 4 channels, the net's value has 5");
        refused(new Calibration(Map.of(), List.of(new HeadUnit("x", new float[6], 0, 0))),
                "head gate on 'x' has 6 channels, the net's value has 5");
        HeadUnit unit = new HeadUnit("x", five, 0, 0);
        refused(new Calibration(Map.of(), List.of(unit, unit)), "2 units, the detector spec has 1 feature maps");
    }

    private void refused(Calibration calibration, String message) {
        Path file = folder.resolve("refused.onnx");
        ModelFormatException e = assertThrows(ModelFormatException.class,
                () -> OnnxWriter.write(Specs.tiny().with(calibration), file));
        assertTrue(e.getMessage().startsWith("calibration does not fit the net: ") && e.getMessage().contains(message),
                e.getMessage());
        assertTrue(Files.notExists(file));
    }
}
