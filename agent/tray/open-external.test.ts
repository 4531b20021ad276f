import { expect, test } from "vitest";
import { dashboardUrl, mayOpen } from "./open-external.ts";

const COORDINATOR = "http://nas.local:8080/team/";

test("any page may be opened by https", () => {
  expect(mayOpen("https://ollama.com/library", null)).toBe(true);
});

test("by http nothing may but the own coordinator's dashboard, exactly", () => {
  expect(mayOpen("http://nas.local:8080/team/dashboard", COORDINATOR)).toBe(true);
  for (const other of [
    "http://nas.local:8080/dashboard",
    "http://nas.local:8080/team/dashboard/../../other",
    "http://nas.local:8080/team/dashboard?next=x",
    "http://nas.local/team/dashboard",
    "http://user:word@nas.local:8080/team/dashboard",
    "http://other.example/team/dashboard",
  ]) {
    expect(mayOpen(other, COORDINATOR), other).toBe(false);
  }
  expect(mayOpen("http://nas.local:8080/dashboard", null)).toBe(false);
});

test("nothing that could start a program or leave the browser is opened", () => {
  for (const target of [
    "file:///C:/Windows/System32/calc.exe",
    "\\\\server\\share\\x.exe",
    "smb://server/share",
    "ms-msdt:/id",
    "javascript:alert(1)",
    "data:text/html,x",
    "mailto:a@b.example",
    "C:\\Windows\\System32\\calc.exe",
    "https://user:word@llm.example.com/",
    "https:",
    "",
  ]) {
    expect(mayOpen(target, "https://llm.example.com"), target).toBe(false);
  }
});

test("a coordinator that is no address has no dashboard", () => {
  expect(dashboardUrl("nonsense")).toBeNull();
  expect(dashboardUrl(null)).toBeNull();
});
