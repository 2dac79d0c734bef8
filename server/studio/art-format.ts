/** Art by its bytes (product T-04): PNG, JPEG or WebP, whatever a header claims. SVG is a program that a browser runs, so it is none of
 *  ours; GIF and what moves is not either. Pure. */

export const ART_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const;
export type ArtType = (typeof ART_TYPES)[number];
export type ArtFormat = { readonly type: ArtType; readonly width: number; readonly height: number };
export type ArtFile = { readonly type: ArtType; readonly bytes: Uint8Array };

export const ART_BYTES_MAX = 2 * 1024 * 1024;
/** A picture of 2 MiB may unpack to gigabytes: what a viewer must hold is bounded as well. */
export const ART_SIDE_MAX = 4096;

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Null: none of the three, or cut off before its size. */
export function readArtFormat(bytes: Uint8Array): ArtFormat | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readPng(view) ?? readJpeg(view) ?? readWebp(view);
}

function sized(type: ArtType, width: number, height: number): ArtFormat | null {
  return width > 0 && height > 0 ? { type, width, height } : null;
}

function textAt(view: DataView, at: number, text: string): boolean {
  return view.byteLength >= at + text.length && [...text].every((letter, index) => view.getUint8(at + index) === letter.charCodeAt(0));
}

/** ISO/IEC 15948 5.2, 11.2.2: signature, then IHDR of 13 bytes. */
function readPng(view: DataView): ArtFormat | null {
  if (view.byteLength < 33 || !PNG.every((byte, index) => view.getUint8(index) === byte)) return null;
  if (view.getUint32(8) !== 13 || !textAt(view, 12, 'IHDR')) return null;
  return sized('image/png', view.getUint32(16), view.getUint32(20));
}

/** ITU-T T.81 B.2: SOI, then segments up to the frame header, which holds the size. */
function readJpeg(view: DataView): ArtFormat | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    // A marker may be filled up with FF.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return sized('image/jpeg', view.getUint16(at + 7), view.getUint16(at + 5));
    const length = view.getUint16(at + 2);
    // Scan data or the end before any frame: no picture.
    if (marker === 0xda || marker === 0xd9 || length < 2) return null;
    at += 2 + length;
  }
  return null;
}

/** RFC 9649: RIFF, WEBP, and the size in the first chunk of each of the three kinds. One with an animation is refused. */
function readWebp(view: DataView): ArtFormat | null {
  if (view.byteLength < 30 || !textAt(view, 0, 'RIFF') || !textAt(view, 8, 'WEBP')) return null;
  if (view.getUint32(4, true) + 8 > view.byteLength + 1) return null;
  if (textAt(view, 12, 'VP8 ')) {
    const isKeyFrame =
      (view.getUint8(20) & 1) === 0 && view.getUint8(23) === 0x9d && view.getUint8(24) === 0x01 && view.getUint8(25) === 0x2a;
    return isKeyFrame ? sized('image/webp', view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff) : null;
  }
  if (textAt(view, 12, 'VP8L')) {
    if (view.getUint8(20) !== 0x2f) return null;
    const bits = view.getUint32(21, true);
    return sized('image/webp', (bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (!textAt(view, 12, 'VP8X') || (view.getUint8(20) & 0b10) !== 0) return null;
  const uint24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
  return sized('image/webp', uint24(24) + 1, uint24(27) + 1);
}
