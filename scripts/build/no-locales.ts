/** In place of zod's list of languages in the executables. */
export {};
