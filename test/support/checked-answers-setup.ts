import { afterAll, afterEach, expect } from "vitest";
import { checkingFetch, takeFaults } from "./checked-answers.ts";

/** Every test of whole processes also tests that the management API answers what its description says. */
globalThis.fetch = checkingFetch;
const check = (): void => expect(takeFaults(), "answers that /openapi.json does not describe").toEqual([]);
afterEach(check);
afterAll(check);
