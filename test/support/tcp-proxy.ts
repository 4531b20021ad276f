import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** `down` is towards the agent, `up` towards the coordinator. */
export type Direction = "up" | "down";

/** The network between an agent and its coordinator, in the hands of a test. */
export interface TcpProxy {
  /** What the agent gets as its coordinator's URL. */
  readonly url: string;
  /** Resets every connection; what was on its way is lost. New ones are let in. */
  cut(): void;
  /** Does so, once, when that many more bytes have passed; resolves when it is done. */
  cutAfter(direction: Direction, bytes: number): Promise<void>;
  /** Connections that are open now carry nothing any more, and neither end is told; new ones are let in. */
  freeze(): void;
  /** Resets every connection and refuses new ones. */
  block(): void;
  /** Lets connections in again. */
  unblock(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly agent: Socket;
  readonly coordinator: Socket;
  frozen: boolean;
}

interface PlannedCut {
  readonly direction: Direction;
  left: number;
  readonly done: () => void;
}

/** A TCP proxy before `targetUrl` that can lose what it carries. */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl);
  const pairs = new Set<Pair>();
  let blocked = false;
  let planned: PlannedCut | undefined;

  const cut = (): void => {
    for (const { agent, coordinator } of [...pairs]) {
      agent.resetAndDestroy();
      coordinator.resetAndDestroy();
    }
    pairs.clear();
  };
  const passes = (direction: Direction, bytes: number): boolean => {
    if (planned === undefined || planned.direction !== direction) return true;
    planned.left -= bytes;
    if (planned.left > 0) return true;
    const { done } = planned;
    planned = undefined;
    cut();
    done();
    return false;
  };
  const carry = (from: Socket, to: Socket, direction: Direction, pair: Pair): void => {
    from.on("data", (chunk: Buffer) => {
      if (pair.frozen || !passes(direction, chunk.length) || to.write(chunk)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
  };
  const server = createServer((agent) => {
    if (blocked) {
      agent.on("error", () => {});
      agent.resetAndDestroy();
      return;
    }
    const coordinator = connect(Number(target.port), target.hostname);
    const pair: Pair = { agent, coordinator, frozen: false };
    pairs.add(pair);
    const end = (): void => {
      // A frozen connection has lost its cable: that one end gave it up does not reach the other.
      if (pair.frozen) return;
      pairs.delete(pair);
      agent.destroy();
      coordinator.destroy();
    };
    for (const socket of [agent, coordinator]) {
      socket.setNoDelay(true);
      socket.on("error", end);
      socket.on("close", end);
    }
    carry(agent, coordinator, "up", pair);
    carry(coordinator, agent, "down", pair);
  });

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    cutAfter: (direction, bytes) =>
      new Promise((done) => {
        planned = { direction, left: bytes, done };
      }),
    freeze: () => {
      for (const pair of pairs) pair.frozen = true;
    },
    block: () => {
      blocked = true;
      cut();
    },
    unblock: () => {
      blocked = false;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
