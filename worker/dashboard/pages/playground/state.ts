import { effect } from "@preact/signals";
import { session } from "../../lib/session.ts";
import { Playground } from "./lib/playground.ts";
import { surroundings } from "./surroundings.ts";

/** One for the tab: it is still there when one comes back from the page of a request. */
export const playground = new Playground(surroundings);

// What one person has asked is not for the next who logs in here.
effect(() => {
  if (session.value === null) playground.reset();
});
