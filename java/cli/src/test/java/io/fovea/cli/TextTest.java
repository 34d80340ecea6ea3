package io.fovea.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class TextTest {
    @Test
    void tableAlignsColumns() {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        new TextTable("  ", "label", ">score").row("person", "0.9").row("cat", "0.75").print(out);
        out.flush();
        assertEquals("  label   score\n  person    0.9\n  cat      0.75\n", text.toString().replace("\r", ""));
    }

    @Test
    void messagesAreOneLine() {
        assertEquals("a; b", Lines.message(new IOException("a\n   b\n")));
        assertEquals("no such file: x.jpg", Lines.message(new NoSuchFileException("x.jpg")));
        assertEquals("IllegalStateException", Lines.message(new IllegalStateException()));
    }

    @Test
    void countsAreShort() {
        assertEquals("9999", Lines.count(9999));
        assertEquals("10.0 k", Lines.count(10_000));
        assertEquals("749.50 M", Lines.count(749_500_000));
        assertEquals("1.235 G", Lines.count(1_234_567_890));
    }
}
