import type { BodyGuard, Refuse } from "./body-guard.ts";
import type { NameScan } from "./name-scan.ts";

/** Looks at a body as it is. */
export class JsonBodyGuard implements BodyGuard {
  readonly #scan: NameScan;
  readonly #refuse: Refuse;

  constructor(scan: NameScan, refuse: Refuse) {
    this.#scan = scan;
    this.#refuse = refuse;
  }

  take(bytes: Uint8Array, pass: (bytes: Uint8Array) => void): void {
    if (!this.#scan.done) this.#scan.push(bytes);
    const { fault } = this.#scan;
    if (fault !== undefined) this.#refuse(fault.code, fault.reason);
    else pass(bytes);
  }

  end(done: () => void): void {
    done();
  }

  close(): void {}
}
