// Draws media/icon.png: a spark on a dark tile. Run it after changing the drawing; the picture is committed.
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const SIZE = 256;
const SAMPLES = 4; // along each side of a pixel, for smooth edges

/** Whether a point is in a star of four points with this centre and radius. */
const inStar = (x, y, cx, cy, radius) => Math.abs((x - cx) / radius) ** 0.5 + Math.abs((y - cy) / radius) ** 0.5 <= 1;

/** Whether a point is in the tile: a square with round corners. */
function inTile(x, y) {
  const corner = 0.2;
  const dx = Math.max(corner - x, x - (1 - corner), 0);
  const dy = Math.max(corner - y, y - (1 - corner), 0);
  return Math.hypot(dx, dy) <= corner;
}

/** Red, green, blue and opacity at a point; both coordinates go from 0 to 1. */
function colourAt(x, y) {
  if (!inTile(x, y)) return [0, 0, 0, 0];
  if (inStar(x, y, 0.46, 0.54, 0.4) || inStar(x, y, 0.76, 0.24, 0.16)) return [255, 200 - 60 * y, 87, 255];
  return [24 + 30 * y, 27 + 14 * x, 58 + 50 * y, 255];
}

function pixel(column, row) {
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) / SIZE;
    const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / SIZE;
    const [red, green, blue, opacity] = colourAt(x, y);
    sum[0] += red * opacity;
    sum[1] += green * opacity;
    sum[2] += blue * opacity;
    sum[3] += opacity;
  }
  const opacity = sum[3];
  return [...sum.slice(0, 3).map((part) => Math.round(opacity && part / opacity)), Math.round(opacity / SAMPLES ** 2)];
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

const header = Buffer.alloc(13);
header.writeUInt32BE(SIZE, 0);
header.writeUInt32BE(SIZE, 4);
header.set([8, 6, 0, 0, 0], 8); // eight bits a channel, with opacity
const rows = Array.from({ length: SIZE }, (_, row) =>
  Buffer.from([0, ...Array.from({ length: SIZE }, (_, column) => pixel(column, row)).flat()]),
);
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
writeFileSync(
  new URL('../media/icon.png', import.meta.url),
  Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]),
);
