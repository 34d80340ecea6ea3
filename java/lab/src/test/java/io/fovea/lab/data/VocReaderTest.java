package io.fovea.lab.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocReaderTest {
    private static final String PAGE = """
            <annotation><folder>x</folder><filename>one.jpg</filename>
             <size><width>100</width><height>80</height><depth>3</depth></size>
             <object><name>dog</name><difficult>1</difficult>
              <bndbox><xmin>11</xmin><ymin>21</ymin><xmax>30</xmax><ymax>30</ymax></bndbox>
              <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
             </object>
             <object><name>cat</name><bndbox><ymin>1</ymin><xmin>1</xmin><ymax>80</ymax><xmax>150</xmax></bndbox></object>
             <object><name>cat</name><bndbox><xmin>x</xmin></bndbox></object>
            </annotation>
            """;

    @TempDir
    Path folder;

    @Test
    void readsBoxesLabelsAndFlags() throws IOException {
        Files.createDirectory(folder.resolve("Annotations"));
        Files.writeString(folder.resolve("Annotations/one.xml"), PAGE);
        Dataset data = Dataset.read(folder);
        assertEquals("one.jpg", data.photos().get(0).file());
        assertEquals(2, data.objects());
        Truth dog = data.photos().get(0).truths().get(0);
        assertEquals(new Truth(1, 2, 10, 20, 20, 10, 200, false, true), dog);
        assertEquals("dog", data.categories().get(1).name());
        assertEquals(1, data.problems().count(Problems.Kind.BOX_OUTSIDE));
        assertEquals(1, data.problems().count(Problems.Kind.ANNOTATION_INCOMPLETE));
    }

    @Test
    void brokenOrAbsentFilesEndInOneLine() throws IOException {
        assertTrue(assertThrows(DataException.class, () -> Dataset.read(folder)).getMessage().contains("no VOC"));
        Files.writeString(folder.resolve("one.xml"), PAGE.substring(0, 300));
        DataException e = assertThrows(DataException.class, () -> Dataset.read(folder));
        assertTrue(e.getMessage().startsWith("one.xml: no valid XML at byte ") && !e.getMessage().contains("\n"),
                e.getMessage());
    }
}
