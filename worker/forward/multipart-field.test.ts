import { expect, test } from "vitest";
import { multipartField } from "./multipart-field.ts";

const B = "----boundary";

/** A part as clients write it. */
const part = (head: string, value: string): string => `--${B}\r\n${head}\r\n\r\n${value}\r\n`;
const plain = (name: string, value: string): string =>
  part(`Content-Disposition: form-data; name="${name}"`, value);
const file = part(
  'Content-Disposition: form-data; name="file"; filename="a; name=model.wav"\r\nContent-Type: audio/wav',
  "RIFF\0\xff--\r\n--not the boundary",
);
const end = `--${B}--\r\n`;

function field(form: string, size = form.length) {
  const bytes = Buffer.from(form, "latin1");
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return multipartField(chunks, B, "model");
}

test("the field is found before and behind a file, however the body is cut", () => {
  for (const form of [plain("model", "whisper") + file + end, file + plain("model", "whisper") + end]) {
    for (const size of [1, 7, 1_000]) {
      const from = form.lastIndexOf("whisper");
      expect(field(form, size)).toEqual({ kind: "value", text: "whisper", at: [from, from + 7] });
    }
  }
});

test("until all of it is there nothing is said, and a form without it stays silent", () => {
  const whole = file + plain("model", "whisper") + end;
  const known = whole.indexOf("whisper") + "whisper\r\n".length + B.length + 2;
  for (let length = 0; length < known; length++)
    expect(field(whole.slice(0, length), 10_000)).toBeUndefined();
  expect(field(file + end)).toBeUndefined();
});

test("a name in quotes, bare, or beside an encoded file name is plain", () => {
  expect(field(part("content-disposition:form-data;name=model", "m") + end)).toMatchObject({
    kind: "value",
    text: "m",
  });
  const named = part("Content-Disposition: form-data; name=\"f\"; filename*=utf-8''%C3%A9.wav", "x");
  expect(field(named + plain("model", "é") + end)).toMatchObject({ kind: "value" });
});

test.each([
  ["a preamble", `x--${B}\r\n\r\n${plain("model", "allowed")}`],
  ["a folded header", part('Content-Disposition: form-data;\r\n name="model"', "forbidden")],
  ["a name in pieces", part('Content-Disposition: form-data; name*0="mo"; name*1="del"', "forbidden")],
  ["a name with escapes", part('Content-Disposition: form-data; name="m\\odel"', "forbidden")],
  ["two names", part('Content-Disposition: form-data; name="x"; name="model"', "forbidden")],
  [
    "a parameter that hides a name",
    part('Content-Disposition: form-data; y="; name=model"; name="x"', "allowed"),
  ],
  [
    "the field as a file without a name",
    part('Content-Disposition: form-data; name="model"; filename=""', "f"),
  ],
  [
    "two dispositions",
    part('Content-Disposition: form-data; name="x"\r\nContent-Disposition: form-data; name="model"', "f"),
  ],
  ["no disposition", part("Content-Type: text/plain", "forbidden")],
  ["bare line feeds", `--${B}\r\nContent-Disposition: form-data; name="model"\n\nforbidden\r\n\r\n`],
  [
    "quoted-printable",
    part('Content-Disposition: form-data; name="x"\r\nContent-Transfer-Encoding: quoted-printable', "f"),
  ],
  ["a boundary with a tail", `--${B}x\r\nContent-Disposition: form-data; name="model"\r\n\r\nforbidden\r\n`],
])("%s is refused: another reader might find another model in it", (_, form) => {
  expect(field(form + plain("model", "allowed") + end)).toMatchObject({ kind: "odd" });
});
