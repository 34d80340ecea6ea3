package io.fovea.lab.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fovea.Box;
import io.fovea.Detection;
import java.util.List;
import org.junit.jupiter.api.Test;

class DetectionAgreementTest {

    private static Detection at(String label, int id, float score, float x) {
        return new Detection(label, id, score, new Box(x, 0, 10, 10));
    }

    @Test
    void labelsCountAndNotTheirNumbers() {
        DetectionAgreement a = new DetectionAgreement();
        a.add(List.of(at("dog", 18, .9f, 0)), List.of(at("dog", 17, .9f, 1)));
        a.add(List.of(at("dog", 18, .9f, 0)), List.of(at("cat", 18, .9f, 0)));
        assertEquals(2, a.wanted());
        assertEquals(.5, a.recall(), 1e-12);
        assertEquals(.5, a.precision(), 1e-12);
        assertEquals(.5, a.f1(), 1e-12);
    }

    @Test
    void sureOnesMayBeFoundALittleLessSure() {
        DetectionAgreement a = new DetectionAgreement();
        a.add(List.of(at("dog", 1, .5f, 0), at("dog", 1, .45f, 50)), List.of(at("dog", 1, .4f, 0)));
        assertEquals(1, a.wanted());
        assertEquals(1, a.recall(), 1e-12);
        assertEquals(1, a.precision(), 1e-12, "one that is not sure is not judged");
        a.add(List.of(at("dog", 1, .6f, 0)), List.of(at("dog", 1, .39f, 0)));
        assertEquals(.5, a.recall(), 1e-12);
    }

    @Test
    void oneToOneAndTheBestFirst() {
        DetectionAgreement a = new DetectionAgreement();
        a.add(List.of(at("dog", 1, .9f, 0)), List.of(at("dog", 1, .9f, 0), at("dog", 1, .8f, 1)));
        assertEquals(1, a.recall(), 1e-12);
        assertEquals(.5, a.precision(), 1e-12);
    }
}
