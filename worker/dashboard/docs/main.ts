import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";
import "./docs.css";
import { withCsrfToken } from "./csrf.ts";

/** The management API, to be read and tried out. A bundle of its own: the dashboard does not load it. */
SwaggerUI({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // Tokens that are typed here stay in this page and are gone with it.
  persistAuthorization: false,
  // Else the description would be sent to a server of swagger.io.
  validatorUrl: null,
  requestInterceptor: withCsrfToken(location.origin),
});
