// Photos: drawn anew and smaller on the device, so that nothing hidden in the file (EXIF) leaves it; time and place are read first.

import { isoWithOffset } from "./dom.js";
import { readExif } from "./exif.js";

export const MOST = 6; // photos of one report
const LONGEST_SIDE = 1280; // pixels
const ENOUGH = 220_000; // bytes: with more, the quality goes down
const QUALITIES = [0.72, 0.55, 0.4];

export class NotAPhoto extends Error {}

// A photo as it is stored: {id, sha256, mime, bytes, name, taken_at, lat?, lng?, blob}. Throws NotAPhoto.
export async function shrink(file, id) {
  const told = await readExif(file);
  const picture = await decoded(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d", { alpha: false });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close?.();
  let blob;
  for (const quality of QUALITIES) {
    blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob && blob.size <= ENOUGH) break;
  }
  canvas.width = canvas.height = 0; // gives the memory back at once on small phones
  if (!blob) throw new NotAPhoto();
  const taken = told.taken_at ? new Date(told.taken_at).getTime() : file.lastModified;
  const place = "lat" in told ? { lat: round(told.lat), lng: round(told.lng) } : {};
  const sha256 = hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return { id, sha256, mime: "image/jpeg", bytes: blob.size, name: `foto-${sha256.slice(0, 8)}.jpg`, taken_at: isoWithOffset(taken || Date.now()), ...place, blob };
}

async function decoded(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new NotAPhoto();
  }
}

const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
