/** The package has no types of its own; this much of it is used. */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  import type { Outgoing } from "./csrf.ts";

  export default function SwaggerUI(options: {
    url: string;
    dom_id: string;
    deepLinking: boolean;
    displayRequestDuration: boolean;
    tryItOutEnabled: boolean;
    persistAuthorization: boolean;
    validatorUrl: null;
    requestInterceptor: (request: Outgoing) => Promise<Outgoing>;
  }): unknown;
}
