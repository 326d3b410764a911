/**
 * Tokens in the form in which known issuers make them: what stands in the
 * header and in the claims, in which order and with which white space, is
 * theirs; the names, the times and the key are made up, and HS256 stands where
 * many of them use another algorithm. A verifier that refuses one of the first
 * list locks out real people. Those of the second list are met, too, and stay
 * refused: src/jwt/README.md says why.
 */

import { Buffer } from "node:buffer";
import type { Case } from "../conformance/corpus.ts";
import { encoded, forge, plainHeader, secret } from "./forge.ts";
import { type Ground, type More, verifying } from "./making.ts";

/** A token as an issuer makes it. */
interface Form {
  /** The issuer, and what is particular. */
  readonly name: string;
  /** What the case rests on. */
  readonly rests: keyof typeof grounds;
  /** What is particular, as the second half of a sentence. */
  readonly because: string;
  /** The text of the header, where it is not the plain one. */
  readonly header?: string;
  /** The claims, or their text where it matters how they are written. */
  readonly claims: Readonly<Record<string, unknown>> | string;
  readonly policy?: More["policy"];
  readonly secret?: More["secret"];
}

/** The clauses, the first half of each sentence, and what only hardens. */
const grounds = {
  iss: {
    clause: "RFC 7519 4.1.1b",
    says: "RFC 7519 4.1.1: iss is compared as a whole",
  },
  sub: { clause: "RFC 7519 4.1.2a", says: "RFC 7519 4.1.2: sub is a string" },
  aud: {
    clause: "RFC 7519 4.1.3b",
    says: "RFC 7519 4.1.3: the verifier finds itself in aud",
  },
  exp: {
    clause: "RFC 7519 4.1.4b",
    says: "RFC 7519 4.1.4: the time is before exp",
  },
  nbf: {
    clause: "RFC 7519 4.1.5b",
    says: "RFC 7519 4.1.5: the time is on or after nbf",
  },
  noExp: { clause: "RFC 7519 4.1.4d", says: "RFC 7519 4.1.4: exp is optional" },
  noSub: { clause: "RFC 7519 4.1.2b", says: "RFC 7519 4.1.2: sub is optional" },
  fraction: {
    clause: "RFC 7519 2d",
    says: "RFC 7519 2: non-integer values can be represented",
  },
  uri: {
    clause: "RFC 7515 2b",
    says: "RFC 7519 2: a value with a colon is a URI, and this is one",
  },
  noUri: {
    clause: "RFC 7519 2a",
    isHardening: true,
    says: "RFC 7519 7.2: no step looks whether a value with a colon is a " +
      "URI, and this is none",
  },
  claims: {
    clause: "RFC 7519 4b",
    says: "RFC 7519 4: claims that are not understood are ignored",
  },
  claimsSet: {
    clause: "RFC 7519 7.2g",
    says: "RFC 7519 7.2 step 10: any complete JSON object in UTF-8",
  },
  escapes: {
    clause: "RFC 7519 7.3",
    says: "RFC 7519 7.3: strings are compared once their escapes are undone",
  },
  layout: {
    clause: "RFC 7515 3",
    says: "RFC 7515 3: white space may stand around JSON values",
  },
  header: {
    clause: "RFC 7515 4e",
    says: "RFC 7515 4: parameters that are not understood are ignored",
  },
  headerOrder: {
    clause: "RFC 7519 7.2b",
    says:
      "RFC 7519 7.2 step 4: any complete JSON object, its members in any order",
  },
  typ: {
    clause: "RFC 7515 4.1.9a",
    says: "RFC 7515 4.1.9: typ is optional, and ignored by implementations",
  },
  typAsked: {
    clause: "RFC 7515 4.1.9d",
    says: "RFC 7515 4.1.9: a typ without a slash has application/ in front",
  },
  cty: {
    clause: "RFC 7515 4.1.10a",
    says: "RFC 7515 4.1.10: cty is optional, and ignored by implementations",
  },
  kid: { clause: "RFC 7515 4.1.4b", says: "RFC 7515 4.1.4: kid is optional" },
} as const satisfies Record<string, Omit<Ground, "why"> & { says: string }>;

/** The year 2025, and 2100. */
const times = { iat: 1750000000, exp: 4102444800 };

const uuid = "0f5c3a51-7c1e-4d0b-9a57-2b1f0f3a9c64";
const otherUuid = "8e2f6c34-94b1-4f0c-8f43-6d1f7c9e2a10";
const hex24 = "6748592f4b9b7700010f6564";
const hex32 = "9f86d081884c7d659a2feaa0c55ad015";
const hex64 = `${hex32}a3bf4f1b2b0b822cd15d6c15b0f00a08`;

const signIn: readonly Form[] = [
  {
    name: "Auth0, a user of a database",
    rests: "sub",
    because: "Auth0 joins the connection and the user by a pipe",
    claims: {
      iss: "https://example.eu.auth0.com/",
      sub: "auth0|5f7c8ec7c33c6c004bbafe82",
      aud: ["https://api.example.com", "https://example.eu.auth0.com/userinfo"],
      ...times,
      azp: "my_client_id",
      scope: "openid profile email",
      permissions: ["read:messages"],
    },
    policy: {
      issuer: "https://example.eu.auth0.com/",
      audience: "https://api.example.com",
    },
  },
  {
    name: "Auth0, a user of a social connection",
    rests: "sub",
    because: "Auth0 writes google-oauth2 and a number, and a time in a text",
    claims: {
      nickname: "ada",
      picture: "https://lh3.googleusercontent.com/a-/AOh14Gg=s96-c",
      updated_at: "2025-06-15T15:06:40.123Z",
      email_verified: true,
      iss: "https://example.eu.auth0.com/",
      sub: "google-oauth2|103547991597142817347",
      aud: "my_client_id",
      ...times,
      nonce: "n-0S6_WzA2Mj",
    },
    policy: { audience: "my_client_id" },
  },
  {
    name: "Auth0, a user of a custom OAuth 2 connection",
    rests: "noUri",
    because: "Auth0 puts the id of the other service behind pipes",
    claims: {
      "https://hasura.io/jwt/claims": {
        "x-hasura-default-role": "user",
        "x-hasura-allowed-roles": ["user"],
        "x-hasura-user-id": "oauth2|Combine|1:1467702",
      },
      iss: "https://example.eu.auth0.com/",
      sub: "oauth2|Combine|1:1467702",
      aud: "my_client_id",
      ...times,
    },
    policy: { audience: "my_client_id" },
  },
  {
    name: "Auth0, a user of a SAML connection",
    rests: "noUri",
    because: "Auth0 puts the NameID behind pipes, which may be a URN",
    claims: { sub: "samlp|corp|urn:x:ada", ...times },
  },
  {
    name: "Auth0, a user of a SAML connection by e-mail",
    rests: "sub",
    because: "Auth0 puts the NameID behind pipes, which may be an address",
    claims: { sub: "samlp|okta-corp|ada@example.com", ...times },
  },
  {
    name: "Auth0, a user of Active Directory",
    rests: "sub",
    because: "Auth0 puts connection and account behind pipes, spaces and all",
    claims: { sub: "ad|Example Corp|CORP\\ada", ...times },
  },
  {
    name: "Keycloak, an access token",
    rests: "claims",
    because: "Keycloak writes roles by client, and azp",
    header: `{"alg":"HS256","typ" : "JWT","kid" : "${uuid}"}`,
    claims: {
      ...times,
      jti: `onrtac:${uuid}`,
      iss: "https://sso.example.com/realms/main",
      aud: ["shop", "account"],
      sub: otherUuid,
      typ: "Bearer",
      azp: "shop",
      sid: hex32,
      acr: "1",
      "allowed-origins": ["https://shop.example.com"],
      realm_access: { roles: ["offline_access", "default-roles-main"] },
      resource_access: {
        shop: { roles: ["customer"] },
        account: { roles: ["manage-account", "view-profile"] },
      },
      scope: "openid email profile",
      email_verified: true,
      preferred_username: "ada",
    },
    policy: {
      issuer: "https://sso.example.com/realms/main",
      audience: "account",
    },
  },
  {
    name: "Keycloak, a refresh token",
    rests: "layout",
    because: "Keycloak's header has spaces around its colons, not all of them",
    header: `{"alg":"HS256","typ" : "JWT","kid" : "${uuid}"}`,
    claims: {
      ...times,
      jti: otherUuid,
      iss: "https://sso.example.com/realms/main",
      aud: "https://sso.example.com/realms/main",
      sub: otherUuid,
      typ: "Refresh",
      azp: "shop",
      session_state: uuid,
      scope: "openid email profile",
    },
    policy: { audience: "https://sso.example.com/realms/main" },
  },
  {
    name: "Keycloak, a token of an older version",
    rests: "nbf",
    because: "Keycloak wrote 0 for none",
    claims: {
      jti: uuid,
      exp: times.exp,
      nbf: 0,
      iat: times.iat,
      auth_time: 0,
      sub: otherUuid,
    },
  },
  {
    name: "Keycloak, a federated user",
    rests: "uri",
    because: "Keycloak writes f, the provider and the user",
    claims: { sub: `f:${uuid}:ada`, ...times },
  },
  {
    name: "Keycloak, a federated user with a space in the name",
    rests: "noUri",
    because: "Keycloak writes the name as the provider has it",
    claims: { sub: `f:${uuid}:Ada Lovelace`, ...times },
  },
  {
    name: "Keycloak, many roles",
    rests: "claimsSet",
    because: "Keycloak lists each role, and the token is just short enough",
    claims: {
      sub: uuid,
      ...times,
      realm_access: { roles: manyRoles(336) },
      scope: "openid profile email",
    },
  },
  {
    name: "Firebase, an ID token",
    rests: "claims",
    because: "Firebase writes identities by their claims",
    header: `{"alg":"HS256","kid":"${hex32}","typ":"JWT"}`,
    claims: {
      name: "Ada Lovelace",
      iss: "https://securetoken.google.com/my-project",
      aud: "my-project",
      auth_time: times.iat,
      user_id: "kX3yV0cXq9fC7mS1bTqZ",
      sub: "kX3yV0cXq9fC7mS1bTqZ",
      ...times,
      firebase: {
        identities: {
          "google.com": ["103547991597142817347"],
          email: ["ada@example.com"],
        },
        sign_in_provider: "google.com",
      },
    },
    policy: {
      issuer: "https://securetoken.google.com/my-project",
      audience: "my-project",
    },
  },
  {
    name: "Firebase, a user id of one's own",
    rests: "noUri",
    because: "Firebase takes any uid of up to 128 characters",
    claims: {
      iss: "https://securetoken.google.com/my-project",
      sub: "42:admin",
      ...times,
    },
  },
  {
    name: "Firebase App Check",
    rests: "noUri",
    because: "Firebase writes the app's id, which begins with a digit",
    claims: {
      sub: "1:1234567890:web:321abc456def7890",
      aud: ["projects/1234567890", "projects/my-project"],
      provider: "recaptcha_v3",
      iss: "https://firebaseappcheck.googleapis.com/1234567890",
      ...times,
    },
    policy: { audience: "projects/my-project" },
  },
  {
    name: "Google, an ID token",
    rests: "iss",
    because: "Google's is a URL here, and a host in other tokens",
    claims: {
      iss: "https://accounts.google.com",
      azp: "1234987819200.apps.googleusercontent.com",
      aud: "1234987819200.apps.googleusercontent.com",
      sub: "10769150350006150715113082367",
      at_hash: "HK6E_P6Dh8Y93mRNtsDB1Q",
      hd: "example.com",
      email: "ada@example.com",
      email_verified: true,
      ...times,
    },
    policy: {
      issuer: ["https://accounts.google.com", "accounts.google.com"],
      audience: "1234987819200.apps.googleusercontent.com",
    },
  },
  {
    name: "Google, an ID token whose issuer is a host",
    rests: "iss",
    because: "Google's is a host here, and a URL in other tokens",
    claims: {
      iss: "accounts.google.com",
      aud: "1234987819200.apps.googleusercontent.com",
      sub: "10769150350006150715113082367",
      ...times,
    },
    policy: {
      issuer: ["https://accounts.google.com", "accounts.google.com"],
      audience: "1234987819200.apps.googleusercontent.com",
    },
  },
  {
    name: "Google, Identity-Aware Proxy",
    rests: "uri",
    because: "Google writes a host and a number, and a path into aud",
    claims: {
      iss: "https://cloud.google.com/iap",
      sub: "accounts.google.com:103547991597142817347",
      aud: "/projects/1234567890/global/backendServices/4567890123",
      email: "ada@example.com",
      google: { access_levels: ["accessPolicies/518/accessLevels/recent"] },
      ...times,
    },
    policy: {
      audience: "/projects/1234567890/global/backendServices/4567890123",
    },
  },
  {
    name: "an OpenID provider, a console",
    rests: "noUri",
    because: "a provider joins a client and a role in aud (hs-jose, issue 84)",
    claims: {
      iss: "https://op.example.com",
      aud: "469a5118-61f5-4d57-9a21-8b4ed7f8b3ac:console",
      sub: "ada",
      ...times,
    },
    policy: { audience: "469a5118-61f5-4d57-9a21-8b4ed7f8b3ac:console" },
  },
  {
    name: "Apple, an ID token",
    rests: "claims",
    because: "Apple writes truth values as texts",
    claims: {
      iss: "https://appleid.apple.com",
      aud: "com.example.app",
      ...times,
      sub: "001473.6f1c0b5e4f0d4a3c9d0e.1417",
      c_hash: "xkT9kq1eWJZ9Zb0cR1mZ3Q",
      email: "abc123@privaterelay.appleid.com",
      email_verified: "true",
      is_private_email: "true",
      auth_time: times.iat,
      nonce_supported: true,
    },
    policy: {
      issuer: "https://appleid.apple.com",
      audience: "com.example.app",
    },
  },
  {
    name: "Apple, a client's secret",
    rests: "typ",
    because: "Apple's example has kid alone beside alg",
    header: '{"alg":"HS256","kid":"ABC123DEFG"}',
    claims: {
      iss: "DEF123GHIJ",
      ...times,
      aud: "https://appleid.apple.com",
      sub: "com.example.app",
    },
    policy: { audience: "https://appleid.apple.com" },
  },
  {
    name: "Apple, App Store Connect",
    rests: "kid",
    because: "Apple puts ten letters there, and a path into scope",
    header: '{"alg":"HS256","kid":"2X9R4HXF34","typ":"JWT"}',
    claims: {
      iss: uuid,
      ...times,
      aud: "appstoreconnect-v1",
      scope: ["GET /v1/apps?filter[platform]=IOS"],
    },
    policy: { audience: "appstoreconnect-v1" },
  },
  {
    name: "Microsoft Entra ID",
    rests: "header",
    because: "Microsoft writes x5t, kid and at times a nonce",
    header: '{"typ":"JWT","nonce":"x7w8","alg":"HS256",' +
      '"x5t":"kg2LYs2T0CTjIfj4rt6JIynen38",' +
      '"kid":"kg2LYs2T0CTjIfj4rt6JIynen38"}',
    claims: {
      aud: `api://${uuid}`,
      iss: `https://sts.windows.net/${otherUuid}/`,
      ...times,
      nbf: times.iat,
      aio: "E2ZgYNjZ7X/+==",
      amr: ["pwd", "mfa"],
      ipaddr: "192.0.2.17",
      name: "Lovelace, Ada (Example)",
      roles: ["Task.Read"],
      sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
      unique_name: "live.com#ada@example.com",
      ver: "1.0",
    },
    policy: { audience: `api://${uuid}` },
  },
  {
    name: "ASP.NET",
    rests: "claims",
    because: "ASP.NET names claims by URLs",
    claims: {
      "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": "ada",
      "http://schemas.microsoft.com/ws/2008/06/identity/claims/role": [
        "Admin",
        "User",
      ],
      exp: times.exp,
      iss: "http://localhost:61955",
      aud: "http://localhost:4200",
    },
    policy: {
      issuer: "http://localhost:61955",
      audience: "http://localhost:4200",
    },
  },
  {
    name: "Amazon Cognito",
    rests: "kid",
    because: "Amazon puts base64 with its other letters there",
    header: '{"kid":"0Zb3K1+n0d/8Yq4vXr5s6t7u8v9w0x1y2z3A4B5C6D8=",' +
      '"alg":"HS256"}',
    claims: {
      sub: uuid,
      "cognito:groups": ["admins"],
      iss: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Abc",
      "cognito:username": "ada",
      token_use: "access",
      auth_time: times.iat,
      ...times,
    },
  },
];

const meetings: readonly Form[] = [
  {
    name: "LiveKit",
    rests: "typ",
    because: "LiveKit's library for JavaScript leaves it out",
    header: '{"alg":"HS256"}',
    claims: {
      name: "Ada \u{1f98a}",
      video: { roomJoin: true, room: "my room", canPublish: true },
      metadata: '{"color":"#fff"}',
      iss: "APIw6KvqpC5Ya4t",
      exp: times.exp,
      nbf: 0,
      sub: "ada",
    },
  },
  {
    name: "LiveKit with Matrix, of Element's lk-jwt-service",
    rests: "noUri",
    because: "Element puts the user's Matrix ID and the device there",
    claims: {
      exp: times.exp,
      iss: "APIw6KvqpC5Ya4t",
      nbf: times.iat,
      sub: "@alice:example.org:DEVICEID",
      video: { room: "!qporfwt:matrix.org", roomCreate: true, roomJoin: true },
    },
  },
  {
    name: "Matrix, a server with a port",
    rests: "noUri",
    because: "Matrix has users of such names",
    claims: { sub: "@ada:localhost:8008", ...times },
  },
  {
    name: "Jitsi",
    rests: "aud",
    because: "Jitsi's is jitsi, for every room",
    claims: {
      context: {
        user: {
          avatar: "https://example.com/ada.png",
          name: "Ada Lovelace",
          email: "ada@example.com",
          id: "abcd:a1b2c3-d4e5f6-0abc1-23de-abcdef01fedcba",
        },
        group: "a123-123-456-789",
      },
      aud: "jitsi",
      iss: "my_client",
      sub: "meet.example.com",
      room: "*",
      exp: times.exp,
    },
    policy: { issuer: "my_client", audience: "jitsi" },
  },
  {
    name: "Jitsi as a service",
    rests: "kid",
    because: "Jitsi puts an account, a slash and a key there",
    header: `{"alg":"HS256","kid":"vpaas-magic-cookie-${hex32}/4f4910",` +
      '"typ":"JWT"}',
    claims: {
      aud: "jitsi",
      context: {
        user: { id: "ada", name: "Ada", moderator: "true" },
        features: { livestreaming: "false", recording: "true" },
        room: { regex: false },
      },
      ...times,
      nbf: times.iat - 10,
      iss: "chat",
      room: "*",
      sub: `vpaas-magic-cookie-${hex32}`,
    },
    policy: { issuer: "chat", audience: "jitsi" },
  },
  {
    name: "Zoom, Meeting SDK",
    rests: "claims",
    because: "Zoom has names of its own for all but the times",
    claims: {
      appKey: "abcDEFghiJKLmnoPQRst",
      sdkKey: "abcDEFghiJKLmnoPQRst",
      mn: 87270695528,
      role: 0,
      iat: times.iat - 30,
      exp: times.exp,
      tokenExp: times.exp,
    },
  },
  {
    name: "Zoom, exp in milliseconds",
    rests: "exp",
    because: "Zoom's documents showed it so, some 47,000 years ahead",
    claims: { iss: "API_KEY", exp: 1496091964000 },
    policy: { issuer: "API_KEY" },
  },
  {
    name: "Twilio",
    rests: "cty",
    because: "Twilio writes its own type there, with a parameter",
    header: '{"typ":"JWT","alg":"HS256","cty":"twilio-fpa;v=1"}',
    claims: {
      jti: `SK${hex32}-1450471147`,
      iss: `SK${hex32}`,
      sub: `AC${hex32}`,
      nbf: 1450471147,
      exp: times.exp,
      grants: {
        identity: "ada@example.com",
        video: { room: "cool room" },
      },
    },
    policy: { issuer: `SK${hex32}` },
  },
  {
    name: "Discord",
    rests: "sub",
    because: "Discord puts a number of 64 bits into a text",
    claims: {
      iss: "https://discord.com",
      sub: "738529527931269425",
      aud: "157730590492196864",
      ...times,
      auth_time: times.iat,
      nonce: "abc123",
    },
    policy: { issuer: "https://discord.com", audience: "157730590492196864" },
  },
  {
    name: "Slack",
    rests: "claims",
    because: "Slack names claims by URLs, and writes a decimal number into aud",
    claims: {
      iss: "https://slack.com",
      sub: "U012AB3CD",
      aud: "25259531569.1115258246291",
      ...times,
      auth_time: times.iat,
      nonce: "abcd",
      at_hash: "abcdEFGH1234",
      "https://slack.com/team_id": "T0123ABC456",
      "https://slack.com/user_id": "U012AB3CD",
      email: "ada@example.com",
      email_verified: true,
      locale: "en-US",
    },
    policy: { audience: "25259531569.1115258246291" },
  },
  {
    name: "Stream",
    rests: "claims",
    because: "Stream writes one claim, and none that is registered",
    claims: { user_id: "ada-lovelace" },
  },
];

const machines: readonly Form[] = [
  {
    name: "GitHub Actions, a branch",
    rests: "uri",
    because: "GitHub writes the repository and the ref",
    header: `{"typ":"JWT","alg":"HS256","x5t":"${hex24}","kid":"${uuid}"}`,
    claims: {
      jti: otherUuid,
      sub: "repo:octo-org/octo-repo:ref:refs/heads/main",
      aud: "https://github.com/octo-org",
      ref: "refs/heads/main",
      repository: "octo-org/octo-repo",
      run_id: "1234567890",
      job_workflow_ref:
        "octo-org/automation/.github/workflows/ci.yml@refs/heads/main",
      runner_environment: "github-hosted",
      iss: "https://token.actions.githubusercontent.com",
      nbf: times.iat - 600,
      ...times,
    },
    policy: {
      issuer: "https://token.actions.githubusercontent.com",
      audience: "https://github.com/octo-org",
    },
  },
  {
    name: "GitHub Actions, an environment with a space",
    rests: "noUri",
    because: "GitHub writes the environment as it is called",
    claims: {
      sub: "repo:octo-org/octo-repo:environment:Production EU",
      aud: "sts.amazonaws.com",
      environment: "Production EU",
      iss: "https://token.actions.githubusercontent.com",
      ...times,
    },
    policy: { audience: "sts.amazonaws.com" },
  },
  {
    name: "GitHub Actions, a subject of one's own",
    rests: "noUri",
    because: "GitHub puts claims' names in front, and a scheme has no _",
    claims: { sub: "repository_owner:octo-org:ref:refs/heads/main", ...times },
  },
  {
    name: "GitHub, an app, in Python",
    rests: "fraction",
    because:
      "GitHub asks for an iat a minute back, and time.time() has a fraction",
    claims:
      '{"iat":1749999940.0873542,"exp":4102444800.0873542,"iss":"123456"}',
    policy: { issuer: "123456", maxAgeSeconds: 600, now: 1750000000 },
  },
  {
    name: "GitLab CI",
    rests: "noUri",
    because: "GitLab begins with project_path, and a scheme has no _",
    claims: {
      project_path: "group/project",
      ref_protected: "true",
      environment: "Prod EU",
      iss: "https://gitlab.example.com",
      ...times,
      nbf: times.iat - 5,
      jti: uuid,
      sub: "project_path:group/project:ref_type:branch:ref:feature-branch-1",
      aud: "https://vault.example.com",
    },
    policy: {
      issuer: "https://gitlab.example.com",
      audience: "https://vault.example.com",
    },
  },
  {
    name: "GitLab Workhorse",
    rests: "noExp",
    because: "GitLab has iss alone between its processes",
    claims: { iss: "gitlab-workhorse" },
    policy: { issuer: "gitlab-workhorse" },
  },
  {
    name: "Bitbucket Pipelines",
    rests: "noUri",
    because: "Bitbucket writes UUIDs in braces",
    claims: {
      iss: "https://api.bitbucket.org/2.0/workspaces/acme/" +
        "pipelines-config/identity/oidc",
      aud: `ari:cloud:bitbucket::workspace/${uuid}`,
      sub: `{${uuid}}:{${otherUuid}}`,
      ...times,
    },
    policy: { audience: `ari:cloud:bitbucket::workspace/${uuid}` },
  },
  {
    name: "Terraform",
    rests: "noUri",
    because: "Terraform's first project is called Default Project",
    claims: {
      iss: "https://app.terraform.io",
      sub: "organization:acme:project:Default Project:" +
        "workspace:network:run_phase:apply",
      aud: "aws.workload.identity",
      ...times,
      nbf: times.iat,
      terraform_run_phase: "apply",
    },
    policy: { audience: "aws.workload.identity" },
  },
  {
    name: "Kubernetes, a service account of an older version",
    rests: "kid",
    because: "Kubernetes wrote an empty one, and no exp",
    header: '{"alg":"HS256","kid":""}',
    claims: {
      iss: "kubernetes/serviceaccount",
      "kubernetes.io/serviceaccount/namespace": "default",
      "kubernetes.io/serviceaccount/secret.name": "build-robot-token-1yvwg",
      "kubernetes.io/serviceaccount/service-account.name": "build-robot",
      "kubernetes.io/serviceaccount/service-account.uid": uuid,
      sub: "system:serviceaccount:default:build-robot",
    },
    policy: { issuer: "kubernetes/serviceaccount" },
  },
  {
    name: "Kubernetes, a service account bound to a pod",
    rests: "uri",
    because: "Kubernetes writes system, a namespace and a name",
    claims: {
      aud: ["https://kubernetes.default.svc.cluster.local", "k3s"],
      ...times,
      nbf: times.iat,
      iss: "https://kubernetes.default.svc.cluster.local",
      "kubernetes.io": {
        namespace: "default",
        pod: { name: "web-7d", uid: uuid },
        serviceaccount: { name: "web", uid: otherUuid },
        warnafter: times.iat + 3607,
      },
      sub: "system:serviceaccount:default:web",
    },
    policy: { audience: "k3s" },
  },
  {
    name: "SPIFFE",
    rests: "typ",
    because: "SPIFFE allows JOSE there",
    header: '{"alg":"HS256","kid":"Iv2tQ","typ":"JOSE"}',
    claims: {
      aud: ["spiffe://example.org/ns/default/sa/db"],
      ...times,
      sub: "spiffe://example.org/ns/default/sa/web",
    },
    policy: { audience: "spiffe://example.org/ns/default/sa/db" },
  },
  {
    name: "Docker's registry, nobody in particular",
    rests: "sub",
    because: "Docker leaves it empty for who has not logged in",
    claims: {
      iss: "auth.docker.io",
      sub: "",
      aud: "registry.docker.io",
      ...times,
      nbf: times.iat,
      jti: "tYJCO1c6cnyy7kAn0c7rKPgbV1H1bFws",
      access: [
        { type: "repository", name: "library/alpine", actions: ["pull"] },
      ],
    },
    policy: { audience: "registry.docker.io" },
  },
  {
    name: "Home Connect",
    rests: "uri",
    because: "Home Connect writes a region and a stage into iss",
    header: '{"x-reg":"EU","x-env":"PRD","alg":"HS256","kid":"reu-production"}',
    claims: {
      sub: "devportalUserId:123",
      jti: uuid,
      aud: "my_client_id",
      azp: "my_client_id",
      scope: ["IdentifyAppliance", "Monitor"],
      iss: "EU:PRD:2",
      ...times,
    },
    policy: { issuer: "EU:PRD:2", audience: "my_client_id" },
  },
];

const services: readonly Form[] = [
  {
    name: "Supabase, a user",
    rests: "aud",
    because: "Supabase's is authenticated",
    header: '{"alg":"HS256","kid":"kNuBBZ+wYz0DxwYl","typ":"JWT"}',
    claims: {
      iss: "https://abcdefghijklmnopqrst.supabase.co/auth/v1",
      sub: uuid,
      aud: "authenticated",
      ...times,
      email: "ada@example.com",
      phone: "",
      app_metadata: { provider: "email", providers: ["email"] },
      user_metadata: {},
      role: "authenticated",
      aal: "aal1",
      amr: [{ method: "password", timestamp: times.iat }],
      session_id: otherUuid,
      is_anonymous: false,
    },
    policy: { audience: "authenticated" },
  },
  {
    name: "Supabase, the key of a project",
    rests: "noSub",
    because: "Supabase's keys are of a role",
    claims: {
      iss: "supabase",
      ref: "abcdefghijklmnopqrst",
      role: "anon",
      ...times,
    },
    policy: { issuer: "supabase" },
  },
  {
    name: "Hasura",
    rests: "claims",
    because: "Hasura's own stand in an object",
    claims: {
      sub: "1234567890",
      name: "Ada",
      admin: true,
      iat: times.iat,
      "https://hasura.io/jwt/claims": {
        "x-hasura-allowed-roles": ["editor", "user", "mod"],
        "x-hasura-default-role": "user",
        "x-hasura-user-id": "1234567890",
        "x-hasura-org-id": "123",
      },
    },
  },
  {
    name: "PostgREST",
    rests: "noExp",
    because: "PostgREST needs a role alone",
    claims: { role: "todo_user" },
  },
  {
    name: "Strapi",
    rests: "noSub",
    because: "Strapi's users have a number in id",
    claims: { id: 1, ...times },
  },
  {
    name: "Django, Simple JWT",
    rests: "claims",
    because: "Simple JWT has the user in user_id, a number, and a type",
    claims: {
      token_type: "access",
      exp: times.exp,
      iat: times.iat,
      jti: hex32,
      user_id: 1,
    },
  },
  {
    name: "Flask, Flask-JWT-Extended",
    rests: "nbf",
    because: "Flask-JWT-Extended writes that of iat",
    claims: {
      fresh: false,
      iat: times.iat,
      jti: uuid,
      type: "access",
      sub: "1",
      nbf: times.iat,
      csrf: otherUuid,
      exp: times.exp,
    },
  },
  {
    name: "FastAPI",
    rests: "uri",
    because: "FastAPI's tutorial puts username in front",
    claims: { sub: "username:johndoe", exp: times.exp },
  },
  {
    name: "Laravel, tymon/jwt-auth",
    rests: "escapes",
    because: "PHP escapes each slash of iss",
    header: '{"typ":"JWT","alg":"HS256"}',
    claims: '{"iss":"http:\\/\\/127.0.0.1:8000\\/api\\/auth\\/login",' +
      `"iat":${times.iat},"exp":${times.exp},"nbf":${times.iat},` +
      '"jti":"hiEVmWTVK6gVj8NJ","sub":"2",' +
      '"prv":"23bd5c8949f600adb39e701c400872db7a5976f7"}',
    policy: { issuer: "http://127.0.0.1:8000/api/auth/login" },
  },
  {
    name: "Laravel Passport",
    rests: "fraction",
    because: "lcobucci/jwt, which it uses, writes microseconds",
    header: '{"typ":"JWT","alg":"HS256"}',
    claims: `{"aud":"1","jti":"${hex64}","iat":1675769499.123456,` +
      '"nbf":1675769499.123459,"exp":4102444800.118472,"sub":"1","scopes":[]}',
    policy: { audience: "1" },
  },
  {
    name: "Rails, devise-jwt",
    rests: "typ",
    because: "devise-jwt leaves it out; here with its aud, which is no null",
    header: '{"alg":"HS256"}',
    claims: { jti: uuid, sub: "1", scp: "user", aud: "web", ...times },
    policy: { audience: "web" },
  },
  {
    name: "Shopify, a session",
    rests: "aud",
    because: "Shopify's is the app's key",
    claims: {
      iss: "https://exampleshop.myshopify.com/admin",
      dest: "https://exampleshop.myshopify.com",
      aud: hex32,
      sub: "42",
      exp: times.exp,
      nbf: times.iat,
      iat: times.iat,
      jti: uuid,
      sid: hex64,
    },
    policy: { audience: hex32 },
  },
  {
    name: "Ghost, the Admin API",
    rests: "kid",
    because: "Ghost puts the key's id there, and a path into aud",
    header: `{"alg":"HS256","typ":"JWT","kid":"${hex24}"}`,
    claims: { ...times, aud: "/admin/" },
    policy: { audience: "/admin/", maxAgeSeconds: 300, now: times.iat + 1 },
    secret: [{ kid: hex24, secret: encoded(secret) }],
  },
  {
    name: "Home Assistant",
    rests: "iss",
    because: "Home Assistant puts the id of the refresh token there",
    header: '{"typ":"JWT","alg":"HS256"}',
    claims: { iss: hex32, ...times },
    policy: { issuer: hex32 },
  },
  {
    name: "Nextcloud Talk",
    rests: "escapes",
    because: "PHP escapes slashes and letters that are not ASCII",
    header: '{"typ":"JWT","alg":"HS256"}',
    claims: '{"iss":"https:\\/\\/cloud.example.com\\/nextcloud",' +
      `"iat":${times.iat},"exp":${times.exp},"sub":"Ada Lovelace",` +
      '"userdata":{"displayname":"Ad\\u00e0 \\ud83e\\udd8a"}}',
    policy: { issuer: "https://cloud.example.com/nextcloud" },
  },
  {
    name: "ONLYOFFICE, a configuration",
    rests: "claimsSet",
    because: "ONLYOFFICE signs all that its editor is told",
    claims: {
      document: {
        fileType: "docx",
        key: "Khirz6zTPdfd7",
        title: "R\u00e9sum\u00e9 \u2013 final (2).docx",
        url: "https://example.com/files/a.docx?token=a%2Bb&v=2",
        permissions: { edit: true, print: false },
      },
      documentType: "word",
      editorConfig: {
        callbackUrl: "https://example.com/url-to-callback.ashx",
        lang: "de",
        user: { id: "78e1e841", name: "Ada Lovelace" },
      },
      height: "100%",
      ...times,
    },
  },
  {
    name: "Atlassian Connect",
    rests: "noUri",
    because: "Atlassian's account ids begin with a digit",
    claims: {
      iss: "1c9a5d1f-93f4-39a7-a3a1-0d4b3a1e2b6c",
      sub: "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077",
      qsh: hex64,
      context: {},
      ...times,
    },
    policy: { requiredClaims: ["qsh", "iss"] },
  },
  {
    name: "Atlassian Connect, for a user",
    rests: "uri",
    because: "Atlassian writes URNs for clients and accounts",
    claims: {
      iss: "urn:atlassian:connect:clientid:eyJob3N0S2V5IjoiNWE",
      sub: "urn:atlassian:connect:useraccountid:" +
        "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077",
      tnt: "https://example.atlassian.net",
      aud: "https://oauth-2-authorization-server.services.atlassian.com",
      ...times,
    },
    policy: {
      audience: "https://oauth-2-authorization-server.services.atlassian.com",
    },
  },
  {
    name: "aiohttp's and PyJWT's tutorial",
    rests: "claims",
    because: "the tutorial has user_id and exp",
    header: '{"typ":"JWT","alg":"HS256"}',
    claims: { user_id: 1, exp: times.exp },
  },
];

/** What libraries make of the same claims. */
const libraries: readonly Form[] = [
  {
    name: "Python, time.time()",
    rests: "fraction",
    because: "Python's clock has seven digits behind the point",
    claims: '{"sub":"1","iat":1750000000.1234567,"nbf":1750000000.1234567,' +
      '"exp":4102444800.9876543}',
  },
  {
    name: "Java, a double",
    rests: "fraction",
    because: "Java writes a double with an exponent (envoy, issue 28201)",
    claims: '{"sub":"1","iat":1.688117968E9,"exp":4.1024448E9}',
  },
  {
    name: "Ruby, Time.now.to_f",
    rests: "fraction",
    because: "Ruby writes whole seconds with a point and a zero",
    claims: '{"sub":"1","iat":1750000000.0,"exp":4102444800.0}',
  },
  {
    name: "Python, json.dumps",
    rests: "layout",
    because: "Python puts a space behind colons and commas",
    header: '{"alg": "HS256", "typ": "JWT"}',
    claims: `{"sub": "1", "iat": ${times.iat}, "exp": ${times.exp}}`,
  },
  {
    name: "Go, encoding/json",
    rests: "escapes",
    because: "Go escapes & and < and >",
    claims: '{"iss":"https://example.com/?a=1\\u0026b=\\u003c2\\u003e",' +
      '"sub":"1"}',
    policy: { issuer: "https://example.com/?a=1&b=<2>" },
  },
  {
    name: "a service whose key has a URL for a name",
    rests: "kid",
    because: "a service puts the key's address there",
    header: '{"alg":"HS256","typ":"JWT","kid":"https://example.org/keys/1"}',
    claims: { sub: "1", ...times },
  },
  {
    name: "a library that writes typ first",
    rests: "headerOrder",
    because: "many put typ first, kid between and alg last",
    header: '{"typ":"JWT","kid":"2025-06-15","alg":"HS256"}',
    claims: { sub: "1", ...times },
  },
];

/** Texts that issuers put where RFC 7519 has a StringOrURI. */
const texts: readonly Form[] = [
  {
    name: "an appliance by IPv4 and port",
    rests: "noUri",
    because: "an appliance in a home has no name",
    claims: { iss: "192.168.1.10:8123", ...times },
    policy: { issuer: "192.168.1.10:8123" },
  },
  {
    name: "an appliance by IPv6 and port",
    rests: "noUri",
    because: "an appliance in a home has no name",
    claims: { iss: "[::1]:8080", ...times },
    policy: { issuer: "[::1]:8080" },
  },
  {
    name: "a site with a letter that is not ASCII",
    rests: "noUri",
    because: "a site writes its name as people do",
    claims: { iss: "https://ex\u00e4mple.com", ...times },
    policy: { issuer: "https://ex\u00e4mple.com" },
  },
  {
    name: "a fediverse server, an account",
    rests: "noUri",
    because: "an acct address may have letters that are not ASCII",
    claims: { sub: "acct:ada@ex\u00e4mple.org", ...times },
  },
  {
    name: "a scheduler, a time",
    rests: "noUri",
    because: "a scheduler names a run by its time in ISO 8601",
    claims: { sub: "2026-11-30T20:00:00Z", ...times },
  },
  {
    name: "a mail service, an address",
    rests: "sub",
    because: "a mail service writes the address with its tag",
    claims: { sub: "ada+news@example.com", ...times },
  },
  {
    name: "a site of people with other letters",
    rests: "sub",
    because: "a site writes names as they are, emoji and all",
    claims: { sub: "\u5c71\u7530 \u592a\u90ce \u{1f98a}", ...times },
  },
  {
    name: "an LDAP directory",
    rests: "sub",
    because: "a directory writes the distinguished name",
    claims: { sub: 'CN="Lovelace, Ada",OU=People,O=Example', ...times },
  },
  {
    name: "GitHub Actions, a pull request",
    rests: "uri",
    because: "GitHub writes pull_request in place of a ref",
    claims: { sub: "repo:octo-org/octo-repo:pull_request", ...times },
  },
  {
    name: "Keycloak, a federated user of LDAP",
    rests: "uri",
    because: "Keycloak writes the name as the directory has it",
    claims: { sub: `f:${uuid}:CN=Ada,OU=R&D,DC=corp`, ...times },
  },
  {
    name: "Keycloak, a realm with a space",
    rests: "noUri",
    because: "Keycloak writes the realm as it is called",
    claims: { iss: "http://localhost:8180/realms/My Realm", ...times },
    policy: { issuer: "http://localhost:8180/realms/My Realm" },
  },
  {
    name: "Amazon, a role with a space",
    rests: "noUri",
    because: "Amazon's names are put behind five colons as they are",
    claims: { sub: "arn:aws:iam::123456789012:role/Read Only", ...times },
  },
  {
    name: "Azure DevOps, a service connection",
    rests: "noUri",
    because: "Azure writes the connection as it is called",
    claims: { sub: "sc://org/project/service connection", ...times },
  },
  {
    name: "a Windows domain",
    rests: "noUri",
    because: "a domain has a backslash, and this account a colon",
    claims: { sub: "CORP\\ada: R&D", ...times },
  },
  {
    name: "a device by its MAC address",
    rests: "noUri",
    because: "a device has no other name",
    claims: { sub: "00:1b:44:11:3a:b7", ...times },
  },
  {
    name: "a machine by its IPv6 address",
    rests: "noUri",
    because: "a machine has no other name",
    claims: { sub: "2001:db8::1", ...times },
  },
  {
    name: "a mail service, an address that is not ASCII",
    rests: "sub",
    because: "a mail service writes the address as people do",
    claims: { sub: "j\u00f6rg@ex\u00e4mple.org", ...times },
  },
  {
    name: "a site of people with a colon in other letters",
    rests: "noUri",
    because: "a site writes names as they are",
    claims: {
      sub: "\u0410\u0434\u0430: \u041b\u0430\u0432\u043b\u0435\u0439\u0441",
      ...times,
    },
  },
  {
    name: "an API by a name with a colon and a space",
    rests: "noUri",
    because: "an API calls itself and its version so",
    claims: { iss: "My App: production", aud: "my api: v1", ...times },
    policy: { issuer: "My App: production", audience: "my api: v1" },
  },
  {
    name: "an API by a URL without a scheme",
    rests: "aud",
    because: "an API calls itself by a host alone",
    claims: { sub: "1", aud: "//api.example.org", ...times },
    policy: { audience: "//api.example.org" },
  },
  {
    name: "a decentralized identifier",
    rests: "uri",
    because: "a DID has colons, a port in percents and a fragment",
    claims: {
      iss: "did:web:example.com%3A8443:issuer#key-1",
      sub: `urn:uuid:${uuid}`,
      ...times,
    },
    policy: { issuer: "did:web:example.com%3A8443:issuer#key-1" },
  },
];

/** The types of RFC 9068, RFC 8417, RFC 9449 and OpenID Connect. */
const types: readonly Form[] = [
  {
    name: "a server that writes typ in small letters",
    rests: "typ",
    because: "some servers write jwt",
    header: '{"alg":"HS256","typ":"jwt"}',
    claims: { sub: "1", ...times },
  },
  {
    name: "an access token of RFC 9068",
    rests: "typAsked",
    because: "RFC 9068 has at+jwt, which is asked for",
    header: '{"typ":"at+jwt","alg":"HS256","kid":"RjEwOwOA"}',
    claims: accessToken(),
    policy: { audience: "https://rs.example.com/", typ: "at+jwt" },
  },
  {
    name: "an access token of RFC 9068, its type in full",
    rests: "typAsked",
    because: "RFC 9068 has application/at+jwt, too",
    header: '{"typ":"application/at+jwt","alg":"HS256","kid":"RjEwOwOA"}',
    claims: accessToken(),
    policy: { audience: "https://rs.example.com/", typ: "at+jwt" },
  },
  {
    name: "a security event of RFC 8417",
    rests: "typAsked",
    because: "RFC 8417 has secevent+jwt, and tokens without exp and sub",
    header: '{"typ":"secevent+jwt","alg":"HS256"}',
    claims: {
      iss: "https://idp.example.com/",
      jti: "756E69717565206964656E746966696572",
      iat: times.iat,
      aud: "636C69656E745F6964",
      events: {
        "https://schemas.openid.net/secevent/risc/event-type/account-disabled":
          { subject: { subject_type: "iss-sub", sub: "7375626A656374" } },
      },
    },
    policy: { audience: "636C69656E745F6964", typ: "secevent+jwt" },
  },
  {
    name: "a logout of OpenID Connect",
    rests: "typ",
    because: "OpenID Connect has logout+jwt",
    header: '{"typ":"logout+jwt","alg":"HS256"}',
    claims: {
      iss: "https://server.example.com",
      sub: "248289761001",
      aud: "s6BhdRkqt3",
      ...times,
      jti: "bWJq",
      sid: "08a5019c-17e1-4977-8f42-65a12843ea02",
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    },
    policy: { audience: "s6BhdRkqt3" },
  },
];

/** One API among 1, 3 and 5 audiences, at each place among them. */
const audiences: readonly Form[] = [1, 3, 5].flatMap((count) =>
  Array.from({ length: count }, (_, index) => ofAudiences(count, index + 1))
);

/** Tokens as they were found, with the key with which they were found. */
const found = {
  "Auth0, a user of a custom OAuth 2 connection, as found":
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJvYXV0aDJ8Q29tYmluZXwxO" +
    "jE0Njc3MDIifQ.Idu5TkZZOGhbkVsg5NZ3c5YEe75gH8d2L7PDraojsvM",
  "LiveKit with Matrix, of Element's lk-jwt-service, as found":
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJAYWxpY2U6ZXhhbXBsZS5vc" +
    "mc6REVWSUNFSUQifQ.mlpuncn7x351w_QbTCch6qkDJKi7q3K7NwRTWMt_sR0",
  "Atlassian Connect, an account, as found":
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI1NTcwNTg6ZjU4MTMxY2ItY" +
    "jY3ZC00M2M3LWIzMGQtNmI1OGQ0MGJkMDc3In0.i9X56UflGkf0KUkLhUz-j8FAk7mCLOh" +
    "0RmaB7JsV_g8",
};
const foundSecret = new TextEncoder().encode(
  "0123456789abcdef0123456789abcdef",
);

/** Each is accepted, and its claims come back. */
export const issuers: readonly Case[] = [
  ...[
    signIn,
    meetings,
    machines,
    services,
    libraries,
    texts,
    types,
    audiences,
  ].flat().flatMap(accepted),
  ...Object.entries(found).flatMap(([name, token]) => asFound(name, token)),
];

/** A token that is met and stays refused. */
interface RefusedForm extends Omit<Form, "rests" | "because"> {
  readonly ground: Ground;
  readonly code: string;
}

const refusedForms: readonly RefusedForm[] = [
  {
    name: "devise-jwt, aud null",
    ground: {
      clause: "RFC 7519 4.1.3a",
      why: "RFC 7519 4.1.3: aud is an array of strings or one string; " +
        "devise-jwt writes null for none (devise-jwt, issue 187).",
    },
    code: "claim_type",
    header: '{"alg":"HS256"}',
    claims: { jti: uuid, sub: "1", scp: "user", aud: null, ...times },
  },
  {
    name: "tymon/jwt-auth, sub a number",
    ground: {
      clause: "RFC 7519 4.1.2a",
      why: "RFC 7519 4.1.2: sub is a string; tymon/jwt-auth writes the " +
        "number of a row (tymon/jwt-auth, issue 1186).",
    },
    code: "claim_type",
    header: '{"typ":"JWT","alg":"HS256"}',
    claims: '{"iss":"http:\\/\\/127.0.0.1:8000\\/api\\/auth\\/login",' +
      `"iat":${times.iat},"exp":${times.exp},"nbf":${times.iat},` +
      '"jti":"hiEVmWTVK6gVj8NJ","sub":2,' +
      '"prv":"23bd5c8949f600adb39e701c400872db7a5976f7"}',
  },
  {
    name: "Lemmy, sub a number",
    ground: {
      clause: "RFC 7519 4.1.2a",
      why: "RFC 7519 4.1.2: sub is a string; Lemmy wrote the number of a " +
        "row (lemmy, issue 3417).",
    },
    code: "claim_type",
    claims: { sub: 21, iss: "lemmy.example.org", iat: times.iat },
  },
  {
    name: "GitHub, an app, iss a number",
    ground: {
      clause: "RFC 7519 4.1.1a",
      why: "RFC 7519 4.1.1: iss is a string; libraries for GitHub Apps " +
        "write the app's number (PyGithub, issue 3214).",
    },
    code: "claim_type",
    claims: { ...times, iss: 123456 },
  },
  {
    name: "exp a text",
    ground: {
      clause: "RFC 7519 4.1.4a",
      why: "RFC 7519 4.1.4: exp must be a number; some programs put its " +
        "digits into a text (lcobucci/jwt, issue 604).",
    },
    code: "claim_type",
    claims: { sub: "1", iat: String(times.iat), exp: String(times.exp) },
  },
  {
    name: "Keycloak, exp 0",
    ground: {
      clause: "RFC 7519 4.1.4b",
      why: "RFC 7519 4.1.4: not accepted on or after exp; Keycloak's " +
        "offline tokens had 0 for never (keycloak, pull request 7012).",
    },
    code: "expired",
    claims: { jti: uuid, exp: 0, nbf: 0, iat: times.iat, typ: "Offline" },
  },
  {
    name: "kid a number",
    ground: {
      clause: "RFC 7515 4.1.4a",
      isHardening: true,
      why: "RFC 7515 4.1.4: kid must be a string, though whoever ignores it " +
        "need not look; some write the number of a row (jjwt, issue 958).",
    },
    code: "malformed",
    header: '{"alg":"HS256","kid":7}',
    claims: { sub: "1", ...times },
  },
  {
    name: "ASP.NET, alg a URL",
    ground: {
      clause: "RFC 7515 4.1.1a",
      why: "RFC 7515 4.1.1: alg is not a supported algorithm; .NET's " +
        "HmacSha256Signature writes XML's name (node-jsonwebtoken, issue 662).",
    },
    code: "algorithm",
    header: '{"alg":"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",' +
      '"typ":"JWT"}',
    claims: { sub: "1", ...times },
  },
  {
    name: "CAS, cty JWT over plain claims",
    ground: {
      clause: "RFC 7519 5.2a",
      attack: "nested token",
      why: "RFC 7519 5.2: cty of JWT says that a JWT is carried; CAS wrote " +
        "it over plain claims (apereo/cas, pull request 5358).",
    },
    code: "nested",
    header: '{"alg":"HS256","typ":"JWT","cty":"JWT"}',
    claims: { sub: "ada", iss: "https://cas.example.com/cas", ...times },
  },
  {
    name: "Keycloak, too many roles",
    ground: {
      attack: "huge token",
      why: "No sentence bounds a token; Keycloak's grow with each role " +
        "(keycloak, issue 13956), and 8,192 characters are all that is read.",
    },
    code: "too_long",
    claims: {
      sub: uuid,
      ...times,
      realm_access: { roles: manyRoles(400) },
      scope: "openid profile email",
    },
  },
  {
    name: "ONLYOFFICE, a long configuration",
    ground: {
      attack: "huge token",
      why: "No sentence bounds a token; ONLYOFFICE signs all that its editor " +
        "is told, and 8,192 characters are all that is read.",
    },
    code: "too_long",
    claims: {
      document: { key: "Khirz6zTPdfd7", title: "a.docx", fileType: "docx" },
      editorConfig: {
        templates: Array.from({ length: 120 }, (_, index) => ({
          title: `Template ${index + 1}`,
          url: `https://example.com/templates/${index + 1}.docx`,
        })),
      },
      ...times,
    },
  },
];

/** Each is met in the wild, and refused. */
export const refusedIssuers: readonly Case[] = refusedForms.flatMap((form) => {
  const { name, header = plainHeader, ground, code } = form;
  const token = forge(jsonOf(form.claims), header);
  return verifying("met", ground, [[name, token, code]]);
});

function accepted(form: Form): Case[] {
  const { name, header = plainHeader, policy, secret } = form;
  const { says, ...ground } = grounds[form.rests];
  const json = jsonOf(form.claims);
  return verifying("made by", {
    ...ground,
    why: `${says}; ${form.because}.`,
  }, [[name, forge(json, header), "accept", {
    claims: JSON.parse(json),
    ...(policy === undefined ? {} : { policy }),
    ...(secret === undefined ? {} : { secret }),
  }]]);
}

function asFound(name: string, token: string): Case[] {
  const [issuer = ""] = name.split(",");
  const { says, ...ground } = grounds.noUri;
  const [, payload = ""] = token.split(".");
  return verifying("made by", {
    ...ground,
    why: `${says}; a token of ${issuer} as it was found.`,
  }, [[name, token, "accept", {
    claims: JSON.parse(Buffer.from(payload, "base64url").toString()),
    secret: foundSecret,
  }]]);
}

function ofAudiences(count: number, place: number): Form {
  const aud = Array.from(
    { length: count },
    (_, index) => `https://api-${index + 1}.example.com`,
  );
  return {
    name: `an API, number ${place} of ${count} in an array`,
    rests: "aud",
    because: `the API stands at place ${place} of ${count}`,
    claims: { iss: "https://sso.example.com", sub: "1", aud, ...times },
    policy: { audience: `https://api-${place}.example.com` },
  };
}

/** The claims of RFC 9068's example. */
function accessToken(): Readonly<Record<string, unknown>> {
  return {
    iss: "https://authorization-server.example.com/",
    sub: "5ba552d67",
    aud: "https://rs.example.com/",
    ...times,
    jti: "dbe39bf3a3ba4238a513f51d6e1691c4",
    client_id: "s6BhdRkqt3",
    scope: "openid profile reademail",
  };
}

function manyRoles(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `team-${index}-editor`);
}

function jsonOf(claims: Form["claims"]): string {
  return typeof claims === "string" ? claims : JSON.stringify(claims);
}
