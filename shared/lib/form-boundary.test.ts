import { expect, test } from "vitest";
import { formBoundary } from "./form-boundary.ts";

test.each([
  ["multipart/form-data; boundary=B", "B"],
  ["multipart/form-data;boundary=----WebKitFormBoundaryx1;", "----WebKitFormBoundaryx1"],
  ['Multipart/Form-Data ; charset=UTF-8; BOUNDARY="a b:c" ', "a b:c"],
  ["multipart/form-data; boundary=B; charset=utf-8", "B"],
  [`multipart/form-data; boundary=${"b".repeat(70)}`, "b".repeat(70)],
])("%j names %j", (type, boundary) => expect(formBoundary(type)).toBe(boundary));

test.each([
  "",
  "application/json; boundary=B",
  "multipart/form-data",
  "multipart/form-data; boundary=",
  'multipart/form-data; boundary=""',
  "multipart/form-datax; boundary=B",
  `multipart/form-data; boundary=${"b".repeat(71)}`,
  // What Go reads in another way, or not at all.
  "multipart/form-data; boundary=A; boundary=B",
  "multipart/form-data; boundary=A; x-boundary=B",
  "multipart/form-data; boundary*0=A; boundary*1=B",
  "multipart/form-data; boundary*=utf-8''A",
  'multipart/form-data; boundary="A\\B"',
  "multipart/form-data; boundary=A, boundary=B",
  "multipart/form-data boundary=A",
])("%j names none that all agree on", (type) => expect(formBoundary(type)).toBeUndefined());
