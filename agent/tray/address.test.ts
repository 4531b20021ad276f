import { expect, test } from "vitest";
import { readAddress } from "./address.ts";

test.each([
  ["llm.example.com", "https://llm.example.com"],
  ["  llm.example.com/ ", "https://llm.example.com"],
  ["LLM.Example.com:8443", "https://llm.example.com:8443"],
  ["https://llm.example.com/team/", "https://llm.example.com/team"],
  ["https://llm.example.com/dashboard", "https://llm.example.com"],
  ["https://llm.example.com/team/dashboard/machines?x=1", "https://llm.example.com/team"],
  ["nas:8080", "https://nas:8080"],
  ["http://nas", "http://nas"],
  ["localhost:8080", "http://localhost:8080"],
  ["127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["[::1]:8080", "http://[::1]:8080"],
  ["例え.jp", "https://xn--r8jz45g.jp"],
])("%j is understood as %s", (typed, url) => {
  expect(readAddress(typed)).toMatchObject({ ok: true, url });
});

test.each([
  ["", "empty"],
  ["   ", "empty"],
  ["hello", "not_an_address"],
  ["two words.example", "not_an_address"],
  ["https://", "not_an_address"],
  ["https://a b.example", "not_an_address"],
  ["ftp://llm.example.com", "scheme"],
  ["file:///etc/passwd", "scheme"],
  ["https://me:secret@llm.example.com", "credentials"],
  ["me@llm.example.com", "credentials"],
  [`${"a".repeat(3_000)}.example`, "not_an_address"],
])("%j is refused: %s", (typed, problem) => {
  expect(readAddress(typed)).toEqual({ ok: false, problem });
});

test("an address without encryption is said to be one, except on this machine", () => {
  expect(readAddress("http://nas.local:8080")).toMatchObject({ exposed: true });
  expect(readAddress("http://localhost:8080")).toMatchObject({ exposed: false });
  expect(readAddress("https://nas.local")).toMatchObject({ exposed: false });
});
