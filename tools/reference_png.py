"""Writes test/reference/data/png.json: small PNG files of every colour type and depth, with and without interlacing and transparency, every
filter on some row, and the RGBA pixels of 8 bits that Pillow reads from them.

Run:  python3 tools/reference_png.py     (needs Pillow; files that Pillow writes itself are among them)
"""
import base64
import io
import json
import pathlib
import random
import struct
import zlib

from PIL import Image

WIDTH, HEIGHT = 11, 9
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
rng = random.Random(1)


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def filtered(kind, line, before, step):
    out = bytearray()
    for i, value in enumerate(line):
        a, b, c = line[i - step] if i >= step else 0, before[i], before[i - step] if i >= step else 0
        p = a + b - c
        nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        out.append((value - (0, a, b, (a + b) // 2, nearest)[kind]) % 256)
    return bytes([kind]) + bytes(out)


def packed(values, depth):
    """Samples of a row as bytes."""
    if depth == 16:
        return b''.join(struct.pack('>H', v) for v in values)
    bits = ''.join(format(v, f'0{depth}b') for v in values)
    bits += '0' * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def png(colour, depth, interlaced, extra=(), top=None, width=WIDTH, height=HEIGHT):
    """A picture with slopes, an edge and noise: every filter has something to predict."""
    n, top = SAMPLES[colour], top or 2**depth - 1
    rows = [[(x * top // width, y * top // height, top * (x > y), rng.randint(0, top))[(k + x * y % 3) % 4]
             for x in range(width) for k in range(n)] for y in range(height)]
    data, count = b'', 0
    for x0, y0, dx, dy in PASSES if interlaced else [(0, 0, 1, 1)]:
        before = None
        for y in range(y0, height, dy):
            values = [v for x in range(x0, width, dx) for v in rows[y][x * n:x * n + n]]
            if not values:
                continue
            line = packed(values, depth)
            data += filtered(count % 5, line, before or bytes(len(line)), max(1, n * depth // 8))
            before, count = line, count + 1
    body = zlib.compress(data, 9)
    cut = len(body) // 2
    head = struct.pack('>IIBBBBB', width, height, depth, colour, 0, 0, interlaced)
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'gAMA', struct.pack('>I', 45455)) + b''.join(chunk(*e) for e in extra)
            + chunk(b'IDAT', body[:cut]) + chunk(b'IDAT', body[cut:]) + chunk(b'IEND', b''))


palette = bytes(rng.randint(0, 255) for _ in range(3 * 256))
cases = []
for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
    for depth in depths:
        for interlaced in (0, 1):
            extra = [(b'PLTE', palette[:3 * 2**depth])] if colour == 3 else []
            cases.append((f'colour type {colour}, {depth} bits, interlaced {interlaced}', png(colour, depth, interlaced, extra)))
for depth in (1, 4, 8):
    extra = [(b'PLTE', palette[:3 * 2**depth]), (b'tRNS', bytes(rng.randint(0, 255) for _ in range(2**depth - 1)))]
    cases.append((f'a palette with transparency, {depth} bits', png(3, depth, 0, extra)))
cases.append(('grey, 8 bits, 0 is clear', png(0, 8, 0, [(b'tRNS', struct.pack('>H', 0))])))
cases.append(('RGB, 8 bits, one colour is clear', png(2, 8, 0, [(b'tRNS', struct.pack('>HHH', 0, 0, 1))], top=1)))
for size in ((1, 1), (3, 1), (1, 5), (2, 2)):
    cases.append((f'interlaced, {size[0]} × {size[1]}', png(2, 8, 1, width=size[0], height=size[1])))
for mode in ('1', 'L', 'LA', 'P', 'RGB', 'RGBA'):
    image, out = Image.open(io.BytesIO(png(6, 8, 0))).convert(mode), io.BytesIO()
    image.save(out, 'png')
    cases.append((f'by Pillow, {mode}', out.getvalue()))


def rgba(data):
    """Pixels of 8 bits. Pillow's 16-bit grey is converted here: its own way to 8 bits cuts what is above 255."""
    image = Image.open(io.BytesIO(data))
    if image.mode.startswith('I'):
        image = Image.frombytes('L', image.size, bytes(v >> 8 for v in image.getdata()))
    return image.convert('RGBA').tobytes()


rows = [{'name': name, 'depth': data[24], 'colour': data[25], 'png': base64.b64encode(data).decode(),
         'rgba': base64.b64encode(rgba(data)).decode()} for name, data in cases]
target = pathlib.Path(__file__).parent.parent / 'test' / 'reference' / 'data' / 'png.json'
target.write_text('[\n' + ',\n'.join(json.dumps(row, ensure_ascii=False) for row in rows) + '\n]\n')
print(len(rows), 'files')
