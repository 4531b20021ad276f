import type { TopLevelScan } from "../../../shared/lib/model-scan.ts";
import type { BodyGuard } from "./body-guard.ts";

export const TWO_MODELS = "the body names two different models";

/** Looks at a body as it is. */
export class JsonBodyGuard implements BodyGuard {
  readonly #scan: TopLevelScan;
  readonly #refuse: (reason: string) => void;

  constructor(scan: TopLevelScan, refuse: (reason: string) => void) {
    this.#scan = scan;
    this.#refuse = refuse;
  }

  take(bytes: Uint8Array, pass: (bytes: Uint8Array) => void): void {
    if (!this.#scan.done) this.#scan.push(bytes);
    if (this.#scan.conflict) this.#refuse(TWO_MODELS);
    else pass(bytes);
  }

  end(done: () => void): void {
    done();
  }

  close(): void {}
}
