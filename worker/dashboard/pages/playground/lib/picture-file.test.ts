import { expect, test } from "vitest";
import { MOST_PICTURE_BYTES, pictureOf } from "./picture-file.ts";

const file = (start: string, rest = new Uint8Array(), name = "a.txt"): File =>
  new File([Buffer.from(start, "latin1"), rest], name);

test.each([
  ["image/png", "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", "\xff\xd8\xff\xe0"],
  ["image/webp", "RIFF\x01\x02\x03\x04WEBPVP8 "],
])("%s is known by its bytes, whatever it is called, and keeps every one of them", async (type, start) => {
  const rest = Uint8Array.from({ length: 100_003 }, (_, at) => at % 256);
  const picture = await pictureOf(file(start, rest));
  expect(picture).toMatchObject({ type, name: "a.txt", bytes: start.length + rest.length });
  const bytes = Buffer.from(typeof picture === "string" ? "" : picture.base64, "base64");
  expect(bytes.equals(Buffer.concat([Buffer.from(start, "latin1"), rest]))).toBe(true);
});

test("a drawing in SVG is none, though it be called a picture: it can carry scripts", async () => {
  expect(await pictureOf(file("<svg onload=alert(1)>", undefined, "a.png"))).toBe("type");
  expect(await pictureOf(file("GIF89a"))).toBe("type");
  expect(await pictureOf(file("RIFF\x01\x02\x03\x04WAVE"))).toBe("type");
});

test("one that is too large, empty or gone is refused for what it is", async () => {
  expect(await pictureOf(file("\x89PNG\r\n\x1a\n", new Uint8Array(MOST_PICTURE_BYTES)))).toBe("size");
  expect(await pictureOf(file(""))).toBe("empty");
  const gone = file("\x89PNG\r\n\x1a\n");
  gone.arrayBuffer = () => Promise.reject(new Error("gone"));
  expect(await pictureOf(gone)).toBe("unreadable");
});
