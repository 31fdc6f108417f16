// Time and place from a JPEG's EXIF block (Exif 2.3, CIPA DC-008): all that is kept of it. The photo itself is drawn anew.

const SEARCHED = 256 * 1024; // bytes at the beginning of the file

// {taken_at: "2024-11-27T07:05:00" without offset, lat, lng}; what is not there is left out. Never throws.
export async function readExif(file) {
  try {
    const view = new DataView(await file.slice(0, SEARCHED).arrayBuffer());
    const at = tiffStart(view);
    return at ? readTiff(view, at) : {};
  } catch {
    return {};
  }
}

function tiffStart(view) {
  if (view.getUint16(0) !== 0xffd8) return 0;
  for (let at = 2; at + 10 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return at + 10; // "Exif"
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return 0;
  }
  return 0;
}

function readTiff(view, start) {
  const little = view.getUint16(start) === 0x4949;
  const u16 = (at) => view.getUint16(start + at, little);
  const u32 = (at) => view.getUint32(start + at, little);
  const entries = (at) => new Map(Array.from({ length: Math.min(u16(at), 200) }, (_, i) => [u16(at + 2 + i * 12), at + 2 + i * 12]));
  const rational = (at) => u32(at) / u32(at + 4);
  const degrees = (at) => rational(at) + rational(at + 8) / 60 + rational(at + 16) / 3600;
  const letter = (entry) => String.fromCharCode(view.getUint8(start + entry + 8));
  const main = entries(u32(4));
  const found = {};
  if (main.has(0x8769)) {
    const taken = entries(u32(main.get(0x8769) + 8)).get(0x9003);
    const text = taken && String.fromCharCode(...new Uint8Array(view.buffer, start + u32(taken + 8), 19));
    const parts = text && /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(text);
    if (parts) found.taken_at = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}`;
  }
  if (main.has(0x8825)) {
    const gps = entries(u32(main.get(0x8825) + 8));
    if ([1, 2, 3, 4].every((tag) => gps.has(tag))) {
      const lat = degrees(u32(gps.get(2) + 8)) * (letter(gps.get(1)) === "S" ? -1 : 1);
      const lng = degrees(u32(gps.get(4) + 8)) * (letter(gps.get(3)) === "W" ? -1 : 1);
      if (Math.abs(lat) <= 90 && Math.abs(lng) <= 180 && (lat || lng)) Object.assign(found, { lat, lng });
    }
  }
  return found;
}
