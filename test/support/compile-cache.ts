import { fileURLToPath } from "node:url";

/**
 * Where Node keeps compiled code for every process of the tests (NODE_COMPILE_CACHE). The programs keep theirs with their own
 * data, which in a test is new each time: without this each of some hundred starts would compile everything again.
 */
export const COMPILE_CACHE = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url));
