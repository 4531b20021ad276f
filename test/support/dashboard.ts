import { WebSocket } from "ws";
import { type FeedMessage, type FeedState, feedMessage } from "../../shared/api/feed.ts";
import { applyFeed } from "../../shared/api/feed-apply.ts";
import type { TestHost } from "./hosts/host.ts";

/** How long a test waits for something to be shown, ms. */
const PATIENCE_MS = 20_000;

/** An open dashboard: what it was told, checked and put together. */
export interface Dashboard {
  readonly messages: FeedMessage[];
  readonly state: FeedState;
  /** Resolves with the first message after which `shown` holds. */
  shows(what: string, shown: (state: FeedState) => boolean): Promise<FeedMessage>;
  /** Resolves with the code once the coordinator has closed it. */
  readonly closed: Promise<number>;
  say(text: string): void;
  leave(): void;
}

/** Opens the live feed and waits for its snapshot. @throws Error with the status when the upgrade is refused */
export async function openDashboard(
  host: Pick<TestHost, "url" | "adminToken">,
  headers: Record<string, string> = { authorization: `Bearer ${host.adminToken}` },
): Promise<Dashboard> {
  const socket = new WebSocket(`${host.url.replace(/^http/, "ws")}/ws/dashboard`, { headers });
  const messages: FeedMessage[] = [];
  let state: FeedState | undefined;
  let told: () => void = () => {};
  const closed = Promise.withResolvers<number>();
  const opened = Promise.withResolvers<void>();
  socket.on("unexpected-response", (_request, response) => {
    opened.reject(new Error(String(response.statusCode)));
    response.destroy();
    socket.terminate();
  });
  socket.on("error", (error) => opened.reject(error));
  socket.on("close", (code) => closed.resolve(code));
  socket.on("message", (data: Buffer) => {
    const text = data.toString();
    if (text === "pong") return;
    const message = feedMessage.parse(JSON.parse(text));
    messages.push(message);
    state = applyFeed(state, message);
    socket.send(JSON.stringify({ type: "ack", version: message.version }));
    opened.resolve();
    told();
  });
  await opened.promise;
  const shown = (): FeedState => {
    if (state === undefined) throw new Error("no snapshot has come");
    return state;
  };
  return {
    messages,
    get state() {
      return shown();
    },
    shows: (what, holds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not shown: ${what}`)), PATIENCE_MS);
        told = () => {
          const last = messages.at(-1);
          if (last === undefined || !holds(shown())) return;
          clearTimeout(timer);
          told = () => {};
          resolve(last);
        };
        told();
      }),
    closed: closed.promise,
    say: (text) => socket.send(text),
    leave: () => socket.close(),
  };
}
