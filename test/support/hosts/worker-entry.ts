import type { Bindings } from "../../../worker/bindings.ts";
import worker, { CoordinatorObject as Real } from "../../../worker/index.ts";

/** The object with a way to lose it as a deploy does; the product has none. */
export class CoordinatorObject extends Real {
  reset(): void {
    this.ctx.abort("reset by a test");
  }
}

export default {
  ...worker,
  async fetch(request: Request, env: Bindings, ctx: ExecutionContext): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/__test/")) return worker.fetch(request as never, env, ctx);
    const stub = env.COORDINATOR.getByName("main") as unknown as {
      reset(): Promise<void>;
      gauges(): Promise<unknown>;
    };
    if (pathname === "/__test/gauges") return Response.json(await stub.gauges());
    // The call itself dies with the object.
    await stub.reset().catch(() => undefined);
    return new Response("reset");
  },
};
