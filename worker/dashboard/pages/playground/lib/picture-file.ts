import type { Picture, PictureType } from "./chat.ts";

/** Of one file. Base64 makes a third more of it, and a coordinator on Cloudflare takes bodies of 100 MB. */
export const MOST_PICTURE_BYTES = 10 * 1024 * 1024;
export const MOST_PICTURES = 8;

export type NoPicture = "type" | "size" | "empty" | "unreadable";

/** Reads a file that somebody has picked, pasted or dropped. What it is, its bytes say: its name may say anything. */
export async function pictureOf(file: File): Promise<Picture | NoPicture> {
  if (file.size > MOST_PICTURE_BYTES) return "size";
  if (file.size === 0) return "empty";
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    // It was moved or deleted since it was picked.
    return "unreadable";
  }
  const type = typeOf(bytes);
  if (type === undefined) return "type";
  return { name: file.name, type, base64: base64(bytes), bytes: bytes.length };
}

function typeOf(bytes: Uint8Array): PictureType | undefined {
  const starts = (text: string, at = 0): boolean =>
    text.split("").every((sign, index) => bytes[at + index] === sign.charCodeAt(0));
  if (starts("\x89PNG\r\n\x1a\n")) return "image/png";
  if (starts("\xff\xd8\xff")) return "image/jpeg";
  return starts("RIFF") && starts("WEBP", 8) ? "image/webp" : undefined;
}

/** Bytes for each step: `String.fromCharCode` takes them as arguments, of which there may not be any number. */
const STEP = 0x8000;

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += STEP)
    binary += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return btoa(binary);
}
