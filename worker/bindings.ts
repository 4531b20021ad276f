import type { CoordinatorObject } from "./object/coordinator-object.ts";

/** What Cloudflare gives to the Worker and to the object; names as in wrangler.toml. */
export interface Bindings {
  COORDINATOR: DurableObjectNamespace<CoordinatorObject>;
  DB: D1Database;
  /** The web app's files; absent where it was not built. */
  ASSETS?: Fetcher;
  /** Secret; until it is set every admin route answers `not_configured`. */
  ADMIN_TOKEN?: string;
  CLIENT_AUTH?: string;
  /** Comma-separated origins; overrides the setting. */
  CORS_ORIGINS?: string;
  /** Cloudflare Access in front of the dashboard: both of the first two, or none of the four. */
  ACCESS_TEAM_DOMAIN?: string;
  ACCESS_AUD?: string;
  ACCESS_ADMINS?: string;
  ACCESS_VIEWERS?: string;
  /** Where the object is created, once: wnam enam sam weur eeur apac oc afr me. */
  LOCATION_HINT?: DurableObjectLocationHint;
}
