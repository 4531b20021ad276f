import type { Chat, ChatMessage, Dialect, Picture } from "../chat.ts";
import { chatRequest } from "../chat-request.ts";
import { PictureHole } from "./literal.ts";

/** A request whose pictures are holes. */
export function requestWithHoles(
  dialect: Dialect,
  chat: Chat,
): { path: string; body: Record<string, unknown> } {
  const holes = new Map<string, PictureHole>();
  let count = 0;
  const marked = (picture: Picture): Picture => {
    // Half of a surrogate pair is in no text that was made well-formed, so no prompt can pass for a picture.
    const base64 = `\ud800${count++}`;
    holes.set(base64, new PictureHole(picture, ""));
    const url = `data:${picture.type};base64,`;
    holes.set(url + base64, new PictureHole(picture, url));
    return { ...picture, base64 };
  };
  const clean = (message: ChatMessage): ChatMessage =>
    message.role === "assistant"
      ? { ...message, text: message.text.toWellFormed() }
      : { ...message, text: message.text.toWellFormed(), pictures: message.pictures.map(marked) };
  const { path, body } = chatRequest(dialect, {
    ...chat,
    messages: chat.messages.map(clean),
    parameters: { ...chat.parameters, system: chat.parameters.system.toWellFormed() },
  });
  const entries = Object.entries(body).map(([name, value]) => [name, withHoles(value, holes)]);
  return { path, body: Object.fromEntries(entries) };
}

export const hasPictures = ({ messages }: Chat): boolean =>
  messages.some((message) => message.role === "user" && message.pictures.length > 0);

function withHoles(value: unknown, holes: ReadonlyMap<string, PictureHole>): unknown {
  if (typeof value === "string") return holes.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => withHoles(item, holes));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withHoles(item, holes)]));
}
