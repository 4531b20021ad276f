import { describe, expect, test } from "vitest";
import { FrameError } from "../frame/error.ts";
import { Inbound } from "./inbound.ts";

describe("Inbound", () => {
  test("TN9: bytes beyond what was promised are a FrameError that names both numbers", () => {
    const inbound = new Inbound(7, 100);
    inbound.receive(100);
    expect(() => inbound.receive(1)).toThrow(new FrameError("stream 7: 101 bytes sent, 100 allowed"));
  });

  test("TN9: the sender is told at each quarter of a window", () => {
    const inbound = new Inbound(7, 100);
    inbound.receive(100);
    expect(inbound.consume(24)).toBe(false);
    expect(inbound.consume(1)).toBe(true);
    expect(inbound.report(100)).toEqual({ consumed: 25, window: 100 });
    expect(inbound.consume(24)).toBe(false);
    expect(inbound.held).toBe(51);
  });

  test("TN10: a smaller window takes back no promise", () => {
    const inbound = new Inbound(7, 100);
    inbound.report(20);
    inbound.receive(100);
    expect(() => inbound.receive(1)).toThrow(FrameError);
    inbound.consume(90);
    inbound.report(20);
    inbound.receive(10);
    expect(() => inbound.receive(1)).toThrow("111 bytes sent, 110 allowed");
  });

  test("TN11: an end whose total is not what came is a FrameError", () => {
    const inbound = new Inbound(7, 100);
    inbound.receive(10);
    expect(() => inbound.end(11)).toThrow(new FrameError("stream 7: ended at 11 bytes, 10 received"));
    expect(() => inbound.end(9)).toThrow(FrameError);
    inbound.end(10);
    expect(inbound.ended).toBe(true);
  });

  test("TN11: nothing comes after the end, not even another", () => {
    const inbound = new Inbound(7, 100);
    inbound.end(0);
    expect(() => inbound.receive(1)).toThrow("data after the end");
    expect(() => inbound.end(0)).toThrow("ended twice");
  });

  test("consumed more than received is a bug of the consumer", () => {
    const inbound = new Inbound(7, 100);
    inbound.receive(1);
    expect(() => inbound.consume(2)).toThrow("consumed more than received");
  });
});
