/**
 * The routes, a line for each, in the order of the table "What a client sees"
 * in README.md next to this file. In which order they are hung decides nothing:
 * a path is matched exactly.
 */

import * as auth from "../auth/auth.ts";
import type { Context, Metrics, Router } from "../http/http.ts";
import type { AddressList } from "./client_address.ts";
import {
  monitorRequired,
  showHealth,
  showMetrics,
  showReadiness,
} from "./monitoring.ts";
import { pageFiles, showPageFile } from "./page_files.ts";

/** What the handlers are made of; each one's type says what it takes of it. */
export interface ServerParts
  extends auth.AuthenticateParts, auth.LoginParts, auth.AdministrationParts {
  /** Where users, sessions and failed attempts are. */
  readonly store: auth.Store;
  /** Where a proxy mounts the routes, such as `/onejot`; else empty. */
  readonly pathPrefix: string;
  /** What is shown to monitors. */
  readonly metrics: Metrics;
  /** Who may read the metrics in addition to this machine. */
  readonly metricsFrom: AddressList | null;
  /** Whether `GET /` shows the page. */
  readonly page: boolean;
  /** Says whether the server is about to stop. */
  readonly isStopping: () => boolean;
}

/** The routes that programs ask every few seconds. */
export const routesOfMonitors: readonly string[] = [
  "/metrics",
  "/healthz",
  "/readyz",
];

/** Hangs all routes of the server to a router. */
export function hangRoutes(site: Router<Context>, parts: ServerParts): void {
  const loggedIn = site.use(auth.authenticate(parts)).use(auth.loginRequired());
  const administrators = loggedIn.use(auth.adminRequired());
  // What a form of any page can send.
  const ownOrigin = site.use(auth.otherOriginsRefused());
  const ownCallers = ownOrigin.use(auth.authenticate(parts));
  const ownLoggedIn = ownCallers.use(auth.loginRequired());
  const ownPages = site.use(auth.sameOriginRequired());
  const signInPage = ownPages.use(auth.showRefusal());
  const monitors = site.use(monitorRequired(parts));

  ownOrigin.post("/login", auth.login(parts));
  loggedIn.get("/get-user", auth.getUser());
  ownOrigin.post("/refresh", auth.refresh(parts));
  ownCallers.post("/logout", auth.logout(parts));
  loggedIn.get("/sessions", auth.listSessions(parts));
  loggedIn.delete("/sessions/:id", auth.endSession(parts));
  ownLoggedIn.post("/password", auth.changePassword(parts));
  administrators.post("/users", auth.addUser(parts));
  administrators.get("/users", auth.listUsers(parts));
  administrators.get("/users/:id", auth.showUser(parts));
  administrators.patch("/users/:id", auth.changeUser(parts));
  site.get("/signin", auth.showSignIn(parts));
  signInPage.post("/signin", auth.signIn(parts));
  ownPages.post("/signout", auth.signOut(parts));
  site.get("/forward-auth", auth.forwardAuth(parts));
  site.get("/forward-auth/nginx", auth.forwardAuthForNginx(parts));
  if (parts.page) {
    for (const file of pageFiles) site.get(file.path, showPageFile(file));
  }
  monitors.get("/metrics", showMetrics(parts));
  site.get("/healthz", showHealth());
  site.get("/readyz", showReadiness(parts));
}
