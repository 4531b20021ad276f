import { buildDashboard } from "./build/dashboard.ts";

// `node scripts/build-dashboard.ts`: the dashboard's files in `dist/assets/`, made anew only when something has changed.
if (await buildDashboard()) process.stdout.write("dist/assets: the dashboard\n");
