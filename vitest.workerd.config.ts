import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Tests inside workerd, with the real Durable Object, its SQLite and D1. */
export default defineConfig(async () => ({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "./wrangler.toml" },
      miniflare: {
        bindings: {
          ADMIN_TOKEN: "oct_admin-token-of-the-tests",
          TEST_MIGRATIONS: await readD1Migrations("./migrations"),
        },
      },
    }),
  ],
  test: {
    name: "workerd",
    include: ["worker/**/*.workerd.test.ts"],
    setupFiles: ["./test/support/workerd-setup.ts"],
  },
}));
