package io.fovea.lab.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads a folder of PASCAL VOC XML files, one per photo. VOC counts pixels from 1 and includes the last one: xmin..xmax becomes
 * x = xmin - 1, width = xmax - xmin + 1. Photo ids are 1, 2, ... in the order of the file names; category ids 1, 2, ... in the
 * order of the labels.
 */
final class VocReader {
    private static final XMLInputFactory XML = XMLInputFactory.newFactory();

    static {
        XML.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        XML.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        XML.setProperty(XMLInputFactory.IS_COALESCING, true);
    }

    private record Thing(String label, double[] corners, boolean difficult) {}

    private record Page(String file, int width, int height, List<Thing> things) {}

    private VocReader() {
    }

    static Dataset read(Path folder) {
        Path inner = folder.resolve("Annotations");
        Path from = Files.isDirectory(inner) ? inner : folder;
        List<Path> files;
        try (Stream<Path> list = Files.list(from)) {
            files = list.filter(f -> f.getFileName().toString().endsWith(".xml")).sorted().toList();
        } catch (IOException e) {
            throw new DataException(from + ": cannot be listed: " + e.getMessage(), e);
        }
        if (files.isEmpty()) {
            throw new DataException(from + ": holds no VOC annotation (*.xml)");
        }
        Problems problems = new Problems();
        List<Page> pages = new ArrayList<>();
        TreeSet<String> labels = new TreeSet<>();
        for (Path file : files) {
            Page page = page(file, problems);
            pages.add(page);
            page.things().forEach(t -> labels.add(t.label()));
        }
        Map<String, Integer> ids = new TreeMap<>();
        labels.forEach(label -> ids.put(label, ids.size() + 1));
        return assemble(from.toString(), pages, ids, problems);
    }

    private static Dataset assemble(String name, List<Page> pages, Map<String, Integer> ids, Problems problems) {
        List<Photo> photos = new ArrayList<>();
        long next = 1;
        for (Page page : pages) {
            Photo bare = new Photo(photos.size() + 1, page.file(), page.width(), page.height(), List.of());
            List<Truth> truths = new ArrayList<>();
            for (Thing thing : page.things()) {
                double[] c = thing.corners();
                double w = Math.max(0, c[2] - c[0] + 1);
                double h = Math.max(0, c[3] - c[1] + 1);
                Truth t = new Truth(next++, ids.get(thing.label()), c[0] - 1, c[1] - 1, w, h, w * h, false,
                        thing.difficult());
                BoxCheck.check(bare, t, page.file() + " " + thing.label(), problems);
                truths.add(t);
            }
            photos.add(new Photo(bare.id(), bare.file(), bare.width(), bare.height(), truths));
        }
        List<Category> categories = new ArrayList<>();
        ids.forEach((label, id) -> categories.add(new Category(id, label)));
        return new Dataset(name, categories, photos, problems);
    }

    private static Page page(Path path, Problems problems) {
        String stem = path.getFileName().toString().replaceFirst("\\.xml$", "");
        try (InputStream in = Files.newInputStream(path)) {
            XMLStreamReader x = XML.createXMLStreamReader(in);
            String file = stem + ".jpg";
            int width = 0;
            int height = 0;
            List<Thing> things = new ArrayList<>();
            while (x.hasNext()) {
                if (x.next() != XMLStreamConstants.START_ELEMENT) {
                    continue;
                }
                switch (x.getLocalName()) {
                    case "filename" -> file = x.getElementText().strip();
                    case "width" -> width = (int) number(x);
                    case "height" -> height = (int) number(x);
                    case "object" -> {
                        Thing thing = thing(x);
                        if (thing == null) {
                            problems.add(Problems.Kind.ANNOTATION_INCOMPLETE, path.getFileName() + " line "
                                    + x.getLocation().getLineNumber());
                        } else {
                            things.add(thing);
                        }
                    }
                    default -> {
                    }
                }
            }
            return new Page(file, width, height, things);
        } catch (XMLStreamException e) {
            int at = e.getLocation() == null ? -1 : e.getLocation().getCharacterOffset();
            throw new DataException(path.getFileName() + ": no valid XML at byte " + at + ": "
                    + String.valueOf(e.getMessage()).lines().reduce((a, b) -> b).orElse("").replace("Message: ", ""),
                    e);
        } catch (IOException e) {
            throw new DataException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static Thing thing(XMLStreamReader x) throws XMLStreamException {
        String label = null;
        boolean difficult = false;
        double[] corners = null;
        int part = 0;
        while (x.next() != XMLStreamConstants.END_ELEMENT || !x.getLocalName().equals("object")) {
            if (x.isEndElement() && x.getLocalName().equals("part")) {
                part--;
            }
            if (!x.isStartElement()) {
                continue;
            }
            switch (x.getLocalName()) {
                case "part" -> part++;
                case "name" -> label = part == 0 ? x.getElementText().strip() : label;
                case "difficult" -> difficult = number(x) != 0;
                case "bndbox" -> {
                    double[] found = corners(x);
                    corners = part == 0 ? found : corners;
                }
                default -> {
                }
            }
        }
        boolean whole = label != null && corners != null;
        for (int i = 0; whole && i < 4; i++) {
            whole = Double.isFinite(corners[i]);
        }
        return whole ? new Thing(label, corners, difficult) : null;
    }

    private static double[] corners(XMLStreamReader x) throws XMLStreamException {
        double[] c = {Double.NaN, Double.NaN, Double.NaN, Double.NaN};
        while (x.next() != XMLStreamConstants.END_ELEMENT || !x.getLocalName().equals("bndbox")) {
            if (x.isStartElement()) {
                switch (x.getLocalName()) {
                    case "xmin" -> c[0] = number(x);
                    case "ymin" -> c[1] = number(x);
                    case "xmax" -> c[2] = number(x);
                    case "ymax" -> c[3] = number(x);
                    default -> {
                    }
                }
            }
        }
        return c;
    }

    private static double number(XMLStreamReader x) throws XMLStreamException {
        try {
            return Double.parseDouble(x.getElementText().strip());
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
