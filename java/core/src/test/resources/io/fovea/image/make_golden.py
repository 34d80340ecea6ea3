#!/usr/bin/env python3
"""Makes the golden files of this folder: python3 make_golden.py (made with Pillow 9.4.0).

resize-pillow.txt  one case a line: source width and height, target width and height, base64 of the target's RGB bytes
cmyk.jpg           32x32 pixels, quarters red, green / white, black
ycck.jpg           the same as YCCK
"""
import base64
import io
import os

from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))


def made(width, height):
    """Smooth and noisy at once; the Java test computes the same."""
    data = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                data.append(((x * x * 7 + y * 13 + x * y * 3 + c * 71) ^ (x * 5 + y * 11 + c)) & 255)
    return Image.frombytes("RGB", (width, height), bytes(data))


CASES = [(53, 37, 20, 16), (17, 9, 40, 31), (300, 2, 7, 5), (64, 64, 64, 20), (64, 64, 20, 64), (1, 1, 3, 3),
         (5, 400, 5, 3), (200, 150, 30, 30), (12, 11, 12, 11), (90, 7, 1, 1), (31, 33, 30, 32)]
with open(os.path.join(HERE, "resize-pillow.txt"), "w", encoding="ascii") as out:
    for sw, sh, tw, th in CASES:
        target = made(sw, sh).resize((tw, th), Image.BILINEAR)
        out.write(f"{sw} {sh} {tw} {th} {base64.b64encode(target.tobytes()).decode()}\n")


def quarters(colors):
    image = Image.new("CMYK", (32, 32))
    for i, color in enumerate(colors):
        image.paste(color, (i % 2 * 16, i // 2 * 16, i % 2 * 16 + 16, i // 2 * 16 + 16))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return bytearray(file.getvalue())


INKS = [(0, 255, 255, 0), (255, 0, 255, 0), (0, 0, 0, 0), (0, 0, 0, 255)]
with open(os.path.join(HERE, "cmyk.jpg"), "wb") as out:
    out.write(quarters(INKS))


def ycck(c, m, y, k):
    """What a YCCK file of Adobe stores: inks are stored inverted and YCC is taken from 255 minus that, so from the inks."""
    return (round(0.299 * c + 0.587 * m + 0.114 * y), round(128 - 0.168736 * c - 0.331264 * m + 0.5 * y),
            min(255, round(128 + 0.5 * c - 0.418688 * m - 0.081312 * y)), 255 - k)


# Pillow inverts the four channels and writes them; the Adobe marker's transform byte 2 then says that they are YCCK.
data = quarters([tuple(255 - v for v in ycck(*ink)) for ink in INKS])
at = data.index(b"Adobe")
data[at + 11] = 2
with open(os.path.join(HERE, "ycck.jpg"), "wb") as out:
    out.write(data)
