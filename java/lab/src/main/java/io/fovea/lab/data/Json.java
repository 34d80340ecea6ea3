package io.fovea.lab.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Helpers for reading JSON as a stream of tokens, with errors that name the byte. */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** Reads one part of the document. */
    interface Part {
        void read(JsonParser parser) throws IOException;
    }

    private Json() {
    }

    /** Reads a whole file; a syntax error becomes one line with the byte at which it stands. */
    static void read(Path path, Part document) {
        String name = path.getFileName().toString();
        try (InputStream in = Files.newInputStream(path); JsonParser parser = FACTORY.createParser(in)) {
            document.read(parser);
            if (parser.nextToken() != null) {
                throw new DataException(name + ": something follows the end of the document at byte "
                        + parser.currentTokenLocation().getByteOffset());
            }
        } catch (JsonProcessingException e) {
            long at = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
            throw new DataException(name + ": no valid JSON at byte " + at + ": "
                    + e.getOriginalMessage().lines().findFirst().orElse("unreadable"), e);
        } catch (IOException e) {
            throw new DataException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Fails with the byte offset unless {@code token} is the wanted one. */
    static void expect(JsonParser p, JsonToken token, JsonToken wanted, String what) throws IOException {
        if (token != wanted) {
            String found = token == null ? "the end of the file" : token.toString().toLowerCase(Locale.ROOT);
            throw new com.fasterxml.jackson.core.JsonParseException(p, "expected " + what + ", found " + found);
        }
    }

    /** Reads the objects of the list whose start was just read. */
    static void objects(JsonParser p, Part each) throws IOException {
        for (JsonToken token = p.nextToken(); token != JsonToken.END_ARRAY; token = p.nextToken()) {
            expect(p, token, JsonToken.START_OBJECT, "an object in the list");
            each.read(p);
        }
    }

    /** Reads a list of exactly {@code count} numbers; returns null when it is something else. */
    static double[] numbers(JsonParser p, int count) throws IOException {
        if (p.currentToken() != JsonToken.START_ARRAY) {
            p.skipChildren();
            return null;
        }
        double[] values = new double[count];
        int read = 0;
        boolean good = true;
        for (JsonToken token = p.nextToken(); token != JsonToken.END_ARRAY; token = p.nextToken()) {
            expect(p, token, token == null ? JsonToken.VALUE_NUMBER_FLOAT : token, "a number");
            if (token.isNumeric() && read < count) {
                values[read] = p.getDoubleValue();
            } else {
                good = false;
                p.skipChildren();
            }
            read++;
        }
        return good && read == count ? values : null;
    }
}
