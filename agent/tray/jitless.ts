import { z } from "zod";

// Schemas compile themselves where code may be made from strings. They look for it once, when they are made: in a preload
// script that is before the page's policy applies, and later each request would break that policy. Imported before them.
z.config({ jitless: true });
