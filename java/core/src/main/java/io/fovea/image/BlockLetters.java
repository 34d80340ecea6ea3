package io.fovea.image;

import java.awt.Graphics2D;
import java.util.Locale;

/** Capital letters, digits and a few signs from blocks, 5 wide and 7 high; anything else is an empty frame. */
final class BlockLetters implements Lettering {
    private static final String SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-_%/()+'";
    /** Seven rows of five bits for each sign, as base-32 digits from the top row; the left block is bit 16. */
    private static final String ROWS = """
            eh h v h h h|uh h u h h u|eh g g g h e|uh h h h h u|vg g u g g v|vg g u g g g|eh g n h h f|hh h v h h h\
            |e4 4 4 4 4 e|72 2 2 2 i c|hi k o k i h|gg g g g g v|hr l h h h h|hp l j h h h|eh h h h h e|uh h u g g g\
            |eh h h l i d|uh h u k i h|fg g e 1 1 u|v4 4 4 4 4 4|hh h h h h e|hh h h h a 4|hh h l l r h|hh a 4 a h h\
            |hh a 4 4 4 4|v1 2 4 8 g v|eh j l p h e|4c 4 4 4 4 e|eh 1 2 4 8 v|u1 1 e 1 1 u|26 a i v 2 2|vg u 1 1 h e\
            |68 g u h h e|v1 2 4 8 8 8|eh h e h h e|eh h f 1 2 c|00 0 0 0 c c|00 0 0 c 4 8|0c c 0 c c 0|00 0 v 0 0 0\
            |00 0 0 0 0 v|op 2 4 8 j 3|11 2 4 8 g g|24 8 8 8 4 2|84 2 2 2 4 8|04 4 v 4 4 0|44 8 0 0 0 0""";
    private static final int[][] GLYPHS = glyphs();
    private static final int[] FRAME = {31, 17, 17, 17, 17, 17, 31};

    private final int block;

    BlockLetters(int size) {
        block = Math.max(1, Math.round(size / 9f));
    }

    private static int[][] glyphs() {
        String[] words = ROWS.replace(" ", "").strip().split("\\|");
        int[][] glyphs = new int[words.length][7];
        for (int g = 0; g < words.length; g++) {
            for (int row = 0; row < 7; row++) {
                glyphs[g][row] = Character.digit(words[g].charAt(row), 32);
            }
        }
        return glyphs;
    }

    private static int[] glyph(int sign) {
        int index = SIGNS.indexOf(sign);
        return index < 0 ? FRAME : GLYPHS[index];
    }

    @Override
    public int width(String text) {
        return (int) text.codePoints().count() * 6 * block;
    }

    @Override
    public int height() {
        return 9 * block;
    }

    @Override
    public void draw(Graphics2D graphics, String text, int x, int y) {
        int left = x;
        for (int sign : text.toUpperCase(Locale.ROOT).codePoints().toArray()) {
            if (sign != ' ') {
                int[] rows = glyph(sign);
                for (int i = 0; i < 35; i++) {
                    if ((rows[i / 5] >> 4 - i % 5 & 1) == 1) {
                        graphics.fillRect(left + i % 5 * block, y + (1 + i / 5) * block, block, block);
                    }
                }
            }
            left += 6 * block;
        }
    }
}
