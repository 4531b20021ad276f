import { type FeedMessage, type FeedState, feedMessage } from "../../../shared/api/feed.ts";
import { applyFeed } from "../../../shared/api/feed-apply.ts";

/** An open dashboard. */
export class OpenPage {
  readonly messages: FeedMessage[] = [];
  readonly closes: number[] = [];
  readonly socket: WebSocket;
  state: FeedState | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.accept();
    socket.addEventListener("close", ({ code }) => void this.closes.push(code));
    socket.addEventListener("message", ({ data }) => {
      const message = feedMessage.parse(JSON.parse(String(data)));
      this.messages.push(message);
      this.state = applyFeed(this.state, message);
    });
  }

  static async open(worker: Fetcher, token: string): Promise<OpenPage> {
    const response = await worker.fetch("https://coordinator.test/ws/dashboard", {
      headers: { upgrade: "websocket", authorization: `Bearer ${token}` },
    });
    if (response.webSocket === null) throw new Error(`no WebSocket: ${response.status}`);
    return new OpenPage(response.webSocket);
  }
}
