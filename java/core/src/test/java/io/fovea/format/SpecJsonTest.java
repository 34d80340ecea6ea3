package io.fovea.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fovea.Seeds;
import io.fovea.image.Resize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecJsonTest {

    @Property(seed = Seeds.BUILD, tries = 300)
    void whatIsWrittenIsReadBack(@ForAll long seed) {
        DetectorSpec spec = Specs.random(seed);
        assertEquals(spec, SpecJson.read(SpecJson.write(spec)), () -> "seed " + seed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "\"width\" : 6                 | \"width\" : 6.5              | input.width: an integer is needed",
            "\"width\" : 6                 | \"width\" : 0                | input: size 0x4 is not within 1..16384",
            "\"colorOrder\" : \"RGB\"      | \"colorOrder\" : \"GRB\"     | input.colorOrder: 'GRB' is none of [RGB, BGR]",
            "\"resize\" : \"BILINEAR\"     | \"resize\" : \"nearest\"     | input.resize: 'NEAREST' is none of",
            "\"mean\"                      | \"mitte\"                    | input.mean: a list is needed",
            "\"outputs\"                   | \"ausgaben\"                 | outputs: a JSON object is needed",
            "\"backgroundIndex\" : 0       | \"backgroundIndex\" : 7      | backgroundIndex: 7 is no column of 3 classes",
            "\"softmax\"                   | \"softmin\"                  | scoreActivation: 'softmin' is none of",
            "\"CENTER_SIZE\"               | \"CORNER\"                   | codeType: 'CORNER' is not supported",
            "\"strideX\" : 2.0             | \"strideX\" : 1e999          | featureMaps[0].strideX: the number does not fit",
            "[ 1.5, 2.0 ]                  | [ 1.5 ]                      | featureMaps[0].anchors: an anchor is [width, height]",
            "\"codeType\"                  | \"numAnchors\" : 13, \"x\"   | numAnchors: 13 differs from the 12 of featureMaps",
            "{                             | [                            | no valid JSON"})
    void aWrongValueIsNamedByItsPath(String from, String to, String message) {
        String json = SpecJson.write(Specs.spec(2));
        assertTrue(json.contains(from), json);
        String wrong = json.replaceFirst(java.util.regex.Pattern.quote(from),
                java.util.regex.Matcher.quoteReplacement(to));
        String found = assertThrows(ModelFormatException.class, () -> SpecJson.read(wrong)).getMessage();
        assertTrue(found.contains(message), found);
        assertEquals(1, found.lines().count(), found);
    }

    @Test
    void unknownKeysAreIgnoredAndDescriptionsUnderstood() {
        String json = SpecJson.write(Specs.spec(2)).replace("\"BILINEAR\"", "\"stretch, linear\"")
                .replaceFirst("\\{", "{ \"source\": { \"weights\": [1] }, ");
        assertEquals(Resize.BILINEAR, SpecJson.read(json).input().resize());
    }

    /** Reads the sidecars of files from elsewhere, where they are at hand. */
    @Test
    void sidecarsFromElsewhereFitTheirNets() throws IOException {
        Path models = SharedFiles.folder("models");
        Assumptions.assumeTrue(Files.isDirectory(models), "skipped: no " + models);
        List<Path> files;
        try (Stream<Path> all = Files.list(models)) {
            files = all.filter(f -> f.toString().endsWith(".onnx") && !f.toString().contains("crossroad")).toList();
        }
        for (Path file : files) {
            Model model = OnnxReader.read(file);
            assertEquals(4, model.graph().shape(model.spec().boxesOutput()).channels(), file.toString());
            assertTrue(model.spec().rows() > 1000, file.toString());
        }
    }
}
